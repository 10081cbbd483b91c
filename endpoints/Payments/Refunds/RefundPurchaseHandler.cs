using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class RefundPurchaseHandler : IHandleMessages<RefundPurchase>
{
    public async Task Handle(RefundPurchase command, IMessageHandlerContext context)
    {
        var purchase = await context.LoadPurchase(command.PurchaseId);
        var support = command.By.May("payments.support");
        if (purchase is null || (purchase.PayerId != command.By.Id && !support))
        {
            await context.Refuse(RefusalKind.NotFound, "purchase.not_found", "There is no such purchase of yours.");
            return;
        }

        if (purchase.PaidAt is null)
        {
            await context.Refuse(RefusalKind.Conflict, "purchase.not_paid", "Nothing was paid that could be given back: cancel the purchase.");
            return;
        }

        var most = support ? purchase.Refundable : purchase.RefundableByPayer(context.Now);
        if (most == 0)
        {
            await (purchase.Refundable > 0
                ? context.Refuse(RefusalKind.Conflict, "refund.outside_policy", $"What was delivered, or paid more than {Purchase.RefundWindow.Days} days ago, is given back by support only.")
                : context.Refuse(RefusalKind.Conflict, "refund.nothing_left", "All that was paid has gone back, is on its way, or is disputed."));
            return;
        }

        // A payer gives a course back whole; parts are support's to decide.
        var amount = command.MinorUnits ?? most;
        if (!support && purchase.Kind == PurchaseKind.Course && amount != most)
        {
            await context.Refuse(RefusalKind.Invalid, "refund.course_is_whole", "A course is given back as a whole.", new Dictionary<string, string> { ["amount"] = $"{most}" });
            return;
        }

        if (amount < 1 || amount > most || amount % StripeAmounts.Unit(purchase.Currency) != 0)
        {
            await context.Refuse(RefusalKind.Invalid, "refund.amount", $"1 to {most} minor units of {purchase.Currency}, in steps of {StripeAmounts.Unit(purchase.Currency)}.", new Dictionary<string, string> { ["amount"] = $"{most}" });
            return;
        }

        var after = await context.AskRefund(purchase, command.RefundId, amount, command.Reason, command.By.Id);
        await context.Reply(new Done(command.RefundId, after.Version));
    }
}
