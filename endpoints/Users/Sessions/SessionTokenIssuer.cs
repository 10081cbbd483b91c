using System.Buffers.Text;
using Dapper;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace EdTech.Users;

/// <summary>Writes access tokens: JWT, ES256, ten minutes, with the roles and permissions of this moment.</summary>
sealed class SessionTokenIssuer(SigningKeys keys, IConfiguration configuration)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    static readonly JsonWebTokenHandler Writer = new() { SetDefaultTimesOnTokenCreation = false };

    public async Task<SessionTokens> Issue(NpgsqlConnection db, Guid sessionId, byte[] refreshToken, DateTimeOffset now, CancellationToken ct)
    {
        var holder = await db.QuerySingleAsync<Holder>(
            """
            SELECT
                s.account_id, s.created_at, s.methods, a.email_verified_at IS NOT NULL AS EmailVerified,
                ARRAY(SELECT g.role FROM users.role_grant g WHERE g.account_id = s.account_id ORDER BY g.role) AS Roles,
                ARRAY(
                    SELECT DISTINCT rp.permission
                    FROM users.role_grant g
                    JOIN users.role_permission rp USING (role)
                    WHERE g.account_id = s.account_id
                    ORDER BY rp.permission
                ) AS Permissions
            FROM users.session s
            JOIN users.account a USING (account_id)
            WHERE s.session_id = @sessionId
            """,
            new { sessionId });
        var key = await keys.Signing(ct);
        var accessToken = Writer.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = configuration.PublicUrl(),
            Audience = "edtech",
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + Lifetime).UtcDateTime,
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["sub"] = holder.AccountId.ToString(),
                ["sid"] = sessionId.ToString(),
                ["role"] = holder.Roles,
                ["permissions"] = holder.Permissions,
                ["email_verified"] = holder.EmailVerified,
                ["auth_time"] = new DateTimeOffset(holder.CreatedAt, TimeSpan.Zero).ToUnixTimeSeconds(),
                ["amr"] = holder.Methods,
            },
        });
        return new SessionTokens(sessionId, holder.AccountId, accessToken, (int)Lifetime.TotalSeconds, Base64Url.EncodeToString(refreshToken));
    }

    sealed record Holder
    {
        public Guid AccountId { get; init; }

        public DateTime CreatedAt { get; init; }

        public string[] Methods { get; init; } = [];

        public bool EmailVerified { get; init; }

        public string[] Roles { get; init; } = [];

        public string[] Permissions { get; init; } = [];
    }
}
