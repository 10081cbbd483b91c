using System.Text.Json;
using Dapper;
using EdTech.Contracts.Learning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>Whether a credential that somebody hands in is one of ours, unchanged and not revoked.</summary>
static class CheckCredential
{
    const int MaxBytes = 100_000;

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/learning/certificates/verify", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, IssuerKeys keys, CancellationToken ct)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, ct)) > 0;)
        {
            await body.WriteAsync(buffer.AsMemory(0, read), ct);
            if (body.Length > MaxBytes)
                return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        }

        return TypedResults.Ok(await Check(body.GetBuffer().AsMemory(0, (int)body.Length), db, keys, ct));
    }

    static async Task<CredentialCheck> Check(ReadOnlyMemory<byte> json, NpgsqlDataSource db, IssuerKeys keys, CancellationToken ct)
    {
        try
        {
            using var credential = CanonicalJson.Parse(json);
            return await Check(credential.RootElement, db, keys, ct);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Property names twice, half surrogate pairs, numbers beyond a double: nothing that can be signed in one way only.
            return new CredentialCheck(false, "malformed", "It is not JSON that has a canonical form.", null);
        }
    }

    static async Task<CredentialCheck> Check(JsonElement credential, NpgsqlDataSource db, IssuerKeys keys, CancellationToken ct)
    {
        if (credential.ValueKind != JsonValueKind.Object)
            return new CredentialCheck(false, "malformed", "It is not a JSON object.", null);
        if (!string.Equals(IssuerOf(credential), keys.IssuerId, StringComparison.Ordinal))
            return new CredentialCheck(false, "foreign", $"It was not issued by {keys.IssuerId}; ask its own issuer.", null);
        if (DataIntegrity.Flaw(credential, await keys.Trusted(ct)) is { } flaw)
            return new CredentialCheck(false, "tampered", flaw, null);

        var id = credential.TryGetProperty("id", out var url) && url.ValueKind == JsonValueKind.String ? url.GetString()! : "";
        await using var connection = await db.OpenConnectionAsync(ct);
        var revoked = Guid.TryParse(id.AsSpan(id.LastIndexOf('/') + 1), out var certificateId)
            ? await connection.ExecuteScalarAsync<bool?>(
                """
                SELECT revoked_at IS NOT NULL
                FROM learning.certificate
                WHERE certificate_id = @certificateId
                """,
                new { certificateId })
            : null;
        return revoked switch
        {
            null => new CredentialCheck(false, "unknown", "It carries our signature but is not a certificate.", null),
            true => new CredentialCheck(false, "revoked", "It was issued by this platform and has been revoked.", certificateId),
            false => new CredentialCheck(true, "valid", "It was issued by this platform, is unchanged and has not been revoked.", certificateId),
        };
    }

    static string? IssuerOf(JsonElement credential)
    {
        if (!credential.TryGetProperty("issuer", out var issuer))
            return null;
        if (issuer.ValueKind == JsonValueKind.Object && !issuer.TryGetProperty("id", out issuer))
            return null;
        return issuer.ValueKind == JsonValueKind.String ? issuer.GetString() : null;
    }
}
