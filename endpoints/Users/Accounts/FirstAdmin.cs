using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace EdTech.Users;

/// <summary>
/// Makes the first administrator from <c>EDTECH_ADMIN_EMAIL</c> and <c>EDTECH_ADMIN_PASSWORD</c> at start. Whoever sets a machine's environment is
/// believed about the address. An account that has it verified already keeps its password; one that only claims it gives way.
/// </summary>
sealed class FirstAdmin(SchemaMigrator migrator, ITransactionalSession session, PasswordHasher hasher, IConfiguration configuration) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (configuration["EDTECH_ADMIN_EMAIL"] is not { Length: > 0 } email || configuration["EDTECH_ADMIN_PASSWORD"] is not { Length: > 0 } password)
        {
            return;
        }

        var normalised = EmailAddress.Normalise(email) ?? throw new InvalidOperationException("EDTECH_ADMIN_EMAIL is not an e-mail address. Correct it, or leave it out to have no first administrator.");
        if (PasswordPolicy.Fault(password, normalised, displayName: null) is { } fault)
        {
            throw new InvalidOperationException($"EDTECH_ADMIN_PASSWORD is not accepted: {fault.Message} ({fault.Code}). Choose another.");
        }

        await migrator.Run(stoppingToken);
        var hash = await hasher.Hash(password, stoppingToken);
        await session.Run(context => Ensure(context, email, normalised, hash), stoppingToken);
    }

    static async Task Ensure(IMessageHandlerContext context, string email, string normalised, string hash)
    {
        // Instances that start together take turns.
        await context.Db.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended('users.admins', 0))");
        var holder = await context.Db.QuerySingleOrDefaultAsync<Holder>(
            """
            SELECT account_id, email_verified_at IS NOT NULL AS Verified
            FROM users.account
            WHERE email_normalised = @normalised
            FOR NO KEY UPDATE
            """,
            new { normalised });
        if (holder is { Verified: false })
        {
            await UnprovenAccount.Void(context, holder.AccountId);
        }

        var adminId = holder is { Verified: true } ? holder.AccountId : Guid.CreateVersion7(context.Now);
        if (holder is not { Verified: true } && await NewAccounts.Insert(context, adminId, email, normalised, hash, verified: true))
        {
            await NewAccounts.Complete(context, adminId, "Administrator", "en", "Etc/UTC");
            await context.Publish(new EmailVerified(adminId, context.Now));
        }

        await RoleGrants.Grant(context, adminId, RoleNames.Admin, Actor.Anonymous);
    }

    sealed record Holder
    {
        public Guid AccountId { get; init; }

        public bool Verified { get; init; }
    }
}
