using System.Text;

namespace EdTech.Contracts.Analytics;

/// <summary>How events of the bus are named in Kafka.</summary>
public static class EventStreams
{
    const string ContractsPrefix = "EdTech.Contracts.";
    // Before Domains, whose value is made with it.
    static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Domains that publish events, in the alphabet's order.</summary>
    public static IReadOnlyList<string> Domains { get; } =
    [
        .. typeof(IEvent).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && typeof(IEvent).IsAssignableFrom(t))
            .Select(t => DomainOf(t.FullName!))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The domain of a contract: <c>learning</c> of <c>EdTech.Contracts.Learning.CoursePublished</c>; null when the name is not a contract's.</summary>
    public static string? DomainOf(string typeName)
    {
        var rest = typeName.StartsWith(ContractsPrefix, StringComparison.Ordinal) ? typeName.AsSpan(ContractsPrefix.Length) : default;
        var dot = rest.IndexOf('.');
        return dot > 0 && !rest[..dot].ContainsAnyExcept(Letters) ? rest[..dot].ToString().ToLowerInvariant() : null;
    }

    /// <summary>The CloudEvents type of an event: <c>edtech.learning.course-published.v1</c>.</summary>
    /// <param name="domain">As <see cref="DomainOf"/> gives it.</param>
    /// <param name="typeName">Full name of the contract.</param>
    public static string TypeOf(string domain, string typeName)
    {
        var name = typeName.AsSpan(typeName.LastIndexOf('.') + 1);
        var type = new StringBuilder(domain.Length + name.Length + 20).Append("edtech.").Append(domain).Append('.');
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsAsciiLetterUpper(name[i]) && i > 0)
            {
                type.Append('-');
            }

            type.Append(char.ToLowerInvariant(name[i]));
        }

        return type.Append(".v1").ToString();
    }
}
