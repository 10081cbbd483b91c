using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class RotateSigningKeysHandler(SigningKeys keys) : IHandleMessages<RotateSigningKeys>
{
    public async Task Handle(RotateSigningKeys message, IMessageHandlerContext context)
    {
        if (!message.By.May("keys.rotate"))
        {
            await context.Refuse(RefusalKind.Forbidden, "keys.rotation_not_permitted", "Only administrators rotate signing keys.");
            return;
        }

        // One at a time: a key that waits for its turn is the next one already.
        await context.Db.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended('users.signing_key', 0))");
        var waiting = await context.Db.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM users.signing_key WHERE activates_at > @Now)", new { context.Now });
        if (waiting)
        {
            await context.Refuse(RefusalKind.Conflict, "keys.rotation_under_way", "A new key is published already and will sign within minutes.");
            return;
        }

        var keyId = await keys.Add(context.Db, context.Now, context.Now + SigningKeys.PublishedBefore);
        await context.Record(message.By.Id, message.By, "keys.rotated", ("key", keyId));
        await context.Reply(new Done(message.By.Id));
    }
}
