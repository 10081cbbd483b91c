using System.Globalization;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

static class GetMe
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/me", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await Load(connection, http.Actor().Id, ct) is not { } me)
        {
            return InternalApi.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account.");
        }

        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{me.Version}\"");
        return Results.Json(me);
    }

    public static async Task<MeView?> Load(NpgsqlConnection connection, Guid accountId, CancellationToken ct)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            SELECT
                a.account_id, a.email, a.email_verified_at IS NOT NULL AS EmailVerified, a.created_at,
                a.password_hash IS NOT NULL AS HasPassword,
                EXISTS (SELECT FROM users.totp t WHERE t.account_id = a.account_id AND t.confirmed_at IS NOT NULL) AS TwoFactor,
                (SELECT count(*)::int FROM users.recovery_code c WHERE c.account_id = a.account_id AND c.used_at IS NULL) AS RecoveryCodesLeft,
                ARRAY(SELECT g.role FROM users.role_grant g WHERE g.account_id = a.account_id ORDER BY g.role) AS Roles,
                ARRAY(
                    SELECT DISTINCT rp.permission
                    FROM users.role_grant g
                    JOIN users.role_permission rp USING (role)
                    WHERE g.account_id = a.account_id
                    ORDER BY rp.permission
                ) AS Permissions,
                p.display_name, p.bio, p.avatar_url, p.locale, p.time_zone,
                p.accessibility::text AS Accessibility, p.shows::text AS Shows, p.version
            FROM users.account a
            JOIN users.profile p USING (account_id)
            WHERE a.account_id = @accountId AND a.status <> 'voided'
            """,
            new { accountId },
            cancellationToken: ct));
        return row is null
            ? null
            : new MeView(
                row.AccountId,
                row.Email,
                row.EmailVerified,
                row.Roles,
                row.Permissions,
                row.HasPassword,
                row.TwoFactor,
                row.RecoveryCodesLeft,
                new ProfileDetails(
                    row.DisplayName,
                    row.Bio,
                    row.AvatarUrl,
                    row.Locale,
                    row.TimeZone,
                    ProfileJson.Read<AccessibilityPreferences>(row.Accessibility),
                    ProfileJson.Read<ProfileVisibility>(row.Shows)),
                row.Version,
                new DateTimeOffset(row.CreatedAt, TimeSpan.Zero));
    }

    sealed record Row
    {
        public Guid AccountId { get; init; }

        public string? Email { get; init; }

        public bool EmailVerified { get; init; }

        public DateTime CreatedAt { get; init; }

        public bool HasPassword { get; init; }

        public bool TwoFactor { get; init; }

        public int RecoveryCodesLeft { get; init; }

        public string[] Roles { get; init; } = [];

        public string[] Permissions { get; init; } = [];

        public string DisplayName { get; init; } = "";

        public string? Bio { get; init; }

        public string? AvatarUrl { get; init; }

        public string Locale { get; init; } = "";

        public string TimeZone { get; init; } = "";

        public string Accessibility { get; init; } = "";

        public string Shows { get; init; } = "";

        public long Version { get; init; }
    }
}
