using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class ConfirmLessonHandler : IHandleMessages<ConfirmLesson>
{
    public async Task Handle(ConfirmLesson command, IMessageHandlerContext context)
    {
        var purchase = await context.LoadPurchase(command.PurchaseId);
        if (purchase is not { Kind: PurchaseKind.Lessons } || (purchase.PayerId != command.By.Id && !command.By.May("payments.support")))
        {
            await context.Refuse(RefusalKind.NotFound, "purchase.not_found", "There is no such purchase of lessons of yours.");
            return;
        }

        if (purchase.PaidAt is not null && command.Lesson <= purchase.LessonsGiven && command.Lesson > 0)
        {
            await context.Reply(new Done(purchase.Id, purchase.Version));
            return;
        }

        if (purchase.Status != PurchaseStatus.Paid)
        {
            await context.Refuse(RefusalKind.Conflict, "purchase.not_paid", "Only lessons that are paid and not given back or disputed can be confirmed.");
            return;
        }

        // A refund on its way takes its lessons away already.
        var left = purchase.Lessons - purchase.LessonsCancelled - purchase.Refunds.Where(r => r.State == RefundState.Asked).Sum(r => r.Lessons);
        if (command.Lesson != purchase.LessonsGiven + 1 || command.Lesson > left)
        {
            await context.Refuse(RefusalKind.Conflict, "lesson.not_next", left == purchase.LessonsGiven
                ? "No lesson is left to be confirmed."
                : $"The next lesson to be confirmed is number {purchase.LessonsGiven + 1}.");
            return;
        }

        var after = await context.Append(purchase, purchase.Id, command.By.Id, new PurchaseEvent.LessonGiven(command.Lesson));
        var released = PurchaseMoney.Released(after) - PurchaseMoney.Released(purchase);
        await context.Publish(new LessonConfirmed(after.Id, command.Lesson, after.Lessons, after.PayerId, after.TutorId, new Money(released, after.Currency), context.Now));
        if (after.IsDelivered)
            await context.Publish(new PurchaseFulfilled(after.Id, after.Kind, after.ItemId, after.PayerId, after.TutorId, context.Now));
        await context.SendLocal(new TransferEarnings(after.TutorId, after.Currency, after.Id));
        await context.Reply(new Done(after.Id, after.Version));
    }
}
