using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class SendRefundNoticeWhenPurchaseRefunded : IHandleMessages<PurchaseRefunded>
{
    public async Task Handle(PurchaseRefunded e, IMessageHandlerContext context)
    {
        // Money that came after the purchase had ended goes straight back, without a payment having been told.
        await context.NumberReceipt(e.PurchaseId);
        await context.SendLocal(new SendRefundNotice(e.PurchaseId, e.RefundId, e.Amount, e.At));
    }
}

/// <summary>Local: tell the payer that money is on its way back.</summary>
sealed record SendRefundNotice(Guid PurchaseId, Guid RefundId, Money Amount, DateTimeOffset At);
