using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;

namespace EdTech.Analytics;

sealed class RestoreIdentityMergeHandler(IdentityMerges merges) : IHandleOutsideCalls<RestoreIdentityMerge>
{
    public async Task Handle(RestoreIdentityMerge message, IMessageHandlerContext context)
    {
        if (!message.By.May("analytics.admin"))
        {
            await context.Refuse(RefusalKind.Forbidden, "merge.change_not_permitted", "Only an administrator changes merges.");
            return;
        }

        if (!await merges.Set(message.AccountId, message.AnonymousId, active: true, message.By.Id, context.Now, context.CancellationToken))
        {
            await context.Refuse(RefusalKind.NotFound, "merge.not_found", "This anonymous id was never merged into this account.");
            return;
        }

        await context.Reply(new Done(message.AnonymousId));
    }
}
