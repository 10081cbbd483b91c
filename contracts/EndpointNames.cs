namespace EdTech.Contracts;

/// <summary>Which endpoint owns a command: by the namespace of its contract, <c>EdTech.Contracts.Users</c> to <c>EdTech.Users</c>.</summary>
public static class EndpointNames
{
    const string ContractsPrefix = "EdTech.Contracts.";

    /// <summary>The queue to which commands of this type go.</summary>
    /// <exception cref="ArgumentException">The type is not a domain's contract.</exception>
    public static string OwnerOf(Type command)
    {
        var ns = command.Namespace ?? "";
        return ns.StartsWith(ContractsPrefix, StringComparison.Ordinal)
            ? string.Concat("EdTech.", ns.AsSpan(ContractsPrefix.Length))
            : throw new ArgumentException($"{command.FullName} is not in a namespace {ContractsPrefix}<Domain>, so no endpoint owns it. Commands of a domain live in contracts/<Domain>.", nameof(command));
    }
}
