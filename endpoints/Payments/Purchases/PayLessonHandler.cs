using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class PayLessonHandler : IHandleMessages<PayLesson>
{
    public async Task Handle(PayLesson command, IMessageHandlerContext context)
    {
        if (await context.StartPurchase(command.By, command.PurchaseId, command.QuoteId, PurchaseKind.Lessons) is { } purchase)
            await context.SendLocal(new BeginLessonPayment(purchase.Id, Free: purchase.Price == 0));
    }
}
