using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class CancelPurchaseHandler : IHandleMessages<CancelPurchase>
{
    public async Task Handle(CancelPurchase command, IMessageHandlerContext context)
    {
        switch (await context.LoadPurchase(command.PurchaseId))
        {
            case { } purchase when purchase.PayerId != command.By.Id:
            case null:
                await context.Refuse(RefusalKind.NotFound, "purchase.not_found", "There is no such purchase of yours.");
                break;
            case { EndedBy: not null } ended:
                await context.Reply(new Done(ended.Id, ended.Version));
                break;
            case { Status: PurchaseStatus.AwaitingPayment or PurchaseStatus.RequiresAction } open:
                // Ended only when Stripe says so: until then the payer may still succeed in another window.
                await context.RequestCall(new CancelPaymentIntent(open.Id, "cancelled", (int)open.Version));
                await context.Reply(new Done(open.Id, open.Version));
                break;
            case { Status: PurchaseStatus.Processing }:
                await context.Refuse(RefusalKind.Conflict, "purchase.processing", "The bank is at it: the money is taken or refused soon, and can be given back then.");
                break;
            default:
                await context.Refuse(RefusalKind.Conflict, "purchase.paid", "The purchase is paid: ask for a refund.");
                break;
        }
    }
}
