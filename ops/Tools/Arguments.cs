using System.Globalization;

namespace EdTech.Tools;

/// <summary><c>COMMAND [value …] [--name value …] [--switch]</c>.</summary>
sealed class Arguments
{
    static readonly HashSet<string> Switches = new(StringComparer.Ordinal) { "publish", "all", "body" };

    readonly Dictionary<string, string> _named = new(StringComparer.Ordinal);
    readonly List<string> _values = [];

    public Arguments(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal)) _values.Add(args[i]);
            else if (Switches.Contains(args[i][2..])) _named[args[i][2..]] = "";
            else if (i + 1 < args.Length) _named[args[i][2..]] = args[++i];
            else throw new UsageException($"{args[i]} needs a value.");
        }
    }

    public string Command => _values.FirstOrDefault() ?? "";

    public string Value(string what) => _values.Count > 1 ? _values[1] : throw new UsageException($"{Command} needs {what}.");

    /// <summary>What comes after the first value.</summary>
    public IReadOnlyList<string> Rest => [.. _values.Skip(2)];

    public bool Has(string name) => _named.ContainsKey(name);

    public string? Optional(string name) => _named.GetValueOrDefault(name);

    public int Number(string name, int otherwise)
        => Optional(name) is not { } text ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new UsageException($"--{name} takes a number, not '{text}'.");

    public Uri Gateway => new(Optional("gateway") ?? Environment.GetEnvironmentVariable("EDTECH_GATEWAY_URL") ?? throw new UsageException("--gateway (or EDTECH_GATEWAY_URL) must name the platform's address."));

    public Uri MailWeb => new(Optional("mail") ?? Environment.GetEnvironmentVariable("EDTECH_MAIL_WEB") ?? throw new UsageException("--mail (or EDTECH_MAIL_WEB) must name the mail catcher's address: new accounts are verified by mail."));
}

/// <summary>The command line does not say what is needed.</summary>
sealed class UsageException(string message) : Exception(message);
