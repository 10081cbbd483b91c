using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class PurchaseCourseHandler : IHandleMessages<PurchaseCourse>
{
    public async Task Handle(PurchaseCourse command, IMessageHandlerContext context)
    {
        if (await context.StartPurchase(command.By, command.PurchaseId, command.QuoteId, PurchaseKind.Course) is { } purchase)
            await context.SendLocal(new BeginCoursePurchase(purchase.Id, purchase.ItemId, purchase.PayerId, Free: purchase.Price == 0));
    }
}
