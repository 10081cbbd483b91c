using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class SendReceiptWhenPaymentSucceeded : IHandleMessages<PaymentSucceeded>
{
    public async Task Handle(PaymentSucceeded e, IMessageHandlerContext context)
    {
        await context.NumberReceipt(e.PurchaseId);
        await context.SendLocal(new SendReceipt(e.PurchaseId));
    }
}

/// <summary>Local: mail this purchase's receipt. Carries the id alone; the rest is read when it is sent.</summary>
sealed record SendReceipt(Guid PurchaseId);
