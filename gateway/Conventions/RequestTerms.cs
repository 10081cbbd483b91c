using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using EdTech.Contracts;
using Microsoft.Net.Http.Headers;

namespace EdTech.Gateway;

/// <summary>The terms under which a write is asked for: <c>Idempotency-Key</c>, <c>Prefer</c> and <c>If-Match</c>.</summary>
sealed class RequestTerms
{
    static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(5);
    const int MaxWaitSeconds = 30;

    /// <summary>The logical message id: the same for a repeat under the same key, new otherwise.</summary>
    public required string MessageId { get; init; }

    /// <summary>Tells a repeat from another request that uses the same key.</summary>
    public required string RequestHash { get; init; }

    /// <summary>Whether the caller gave a key.</summary>
    public required bool Repeatable { get; init; }

    public required TimeSpan Wait { get; init; }

    /// <summary>What <c>Preference-Applied</c> says; null when no preference was given.</summary>
    public required string? Applied { get; init; }

    /// <summary>The version that the caller has seen; null when it does not care.</summary>
    public required long? IfMatch { get; init; }

    /// <summary>The header that cannot be understood, if any.</summary>
    public required ApiFieldError? Fault { get; init; }

    public static RequestTerms Read(HttpContext http, Actor actor)
    {
        ApiFieldError? fault = null;
        var headers = http.Request.Headers;

        var keys = headers["Idempotency-Key"];
        var key = keys.Count > 0 ? keys.ToString() : null;
        if (key is not null && (key.Length is < 1 or > 200 || keys.Count > 1 || key.Any(c => c is < '!' or > '~')))
            fault = new("Idempotency-Key", "The key must be 1 to 200 visible ASCII characters.", "malformed");

        long? ifMatch = null;
        if (headers.IfMatch.Count > 0 && headers.IfMatch != "*")
        {
            var tag = headers.IfMatch.ToString();
            if (tag.Length > 2 && tag[0] == '"' && tag[^1] == '"' && long.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                ifMatch = version;
            else
                fault = new("If-Match", "If-Match takes one entity tag as it was given in ETag, or an asterisk.", "malformed");
        }

        var (wait, applied) = Preference(headers["Prefer"]);
        var path = http.Request.PathBase + http.Request.Path + http.Request.QueryString.ToUriComponent();
        return new()
        {
            MessageId = key is null ? Guid.CreateVersion7().ToString() : IdFor(Caller(http, actor), http.Request.Method, path, key),
            RequestHash = HashFor(http.Request.Method, path, RequestBodyCheck.HashOf(http)),
            Repeatable = key is not null,
            Wait = wait,
            Applied = applied,
            IfMatch = ifMatch,
            Fault = fault,
        };
    }

    /// <summary>An account is the same caller everywhere; somebody without a token is known by the address alone.</summary>
    static string Caller(HttpContext http, Actor actor) => actor.Id != Guid.Empty ? actor.Id.ToString() : $"anonymous {http.Connection.RemoteIpAddress}";

    static string IdFor(string caller, string method, string path, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{method}\n{path}\n{key}")).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: a UUID whose bits are ours
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true).ToString();
    }

    static string HashFor(string method, string path, byte[] bodyHash)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{method}\n{path}\n"));
        hash.AppendData(bodyHash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>RFC 7240: what is not understood is ignored.</summary>
    static (TimeSpan Wait, string? Applied) Preference(Microsoft.Extensions.Primitives.StringValues prefer)
    {
        foreach (var preference in prefer.SelectMany(p => (p ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (preference.Equals("respond-async", StringComparison.OrdinalIgnoreCase)) return (TimeSpan.Zero, "respond-async");
            if (preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(preference.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                seconds = Math.Min(seconds, MaxWaitSeconds);
                return (TimeSpan.FromSeconds(seconds), $"wait={seconds.ToString(CultureInfo.InvariantCulture)}");
            }
        }

        return (DefaultWait, null);
    }
}
