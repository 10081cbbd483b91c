using System.Globalization;
using System.Text.RegularExpressions;

namespace EdTech.Contracts.Users;

/// <summary>
/// What counts as an e-mail address, and when two of them are the same. Local parts are plain ASCII: letters that look alike, or become
/// alike when their case changes, would let one person receive another's mail.
/// </summary>
public static partial class EmailAddress
{
    /// <summary>Longest address (RFC 5321).</summary>
    public const int MaxLength = 254;

    /// <summary>The form by which addresses are compared: lower case, the domain in its ASCII form. Null when it is no address.</summary>
    public static string? Normalise(string? address)
    {
        var trimmed = address?.Trim() ?? "";
        var at = trimmed.LastIndexOf('@');
        if (trimmed.Length > MaxLength || at is < 1 or > 64 || !LocalPart().IsMatch(trimmed.AsSpan(0, at)))
            return null;
        try
        {
            var domain = new IdnMapping { UseStd3AsciiRules = true }.GetAscii(trimmed[(at + 1)..]).ToLowerInvariant();
            return domain.Contains('.', StringComparison.Ordinal) && !domain.EndsWith('.')
                ? $"{trimmed[..at].ToLowerInvariant()}@{domain}"
                : null;
        }
        catch (ArgumentException)
        {
            // IdnMapping says in this way that it is no domain name.
            return null;
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LocalPart();
}
