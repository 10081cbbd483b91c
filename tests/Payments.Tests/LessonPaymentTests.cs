using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class LessonPaymentTests(PaymentsFixture payments)
{
    [Fact]
    public async Task Money_is_held_until_each_lesson_is_confirmed()
    {
        var purchase = await payments.Paid(await payments.Lessons(3, 10_000));
        (await payments.Moved(purchase, Accounts.Held)).ShouldBe(10_000);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(0);

        await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 1));
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(2_667);
        await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 2));
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(5_333);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(0);
        await payments.Worker.Done(new ConfirmLesson(PaymentsFixture.Support(), purchase.Id, 3));

        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(8_000);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(2_000);
        (await payments.Moved(purchase, Accounts.Held)).ShouldBe(0);
        (await payments.View(purchase)).Status.ShouldBe(PurchaseStatus.Fulfilled);
        (await payments.Worker.Event<LessonConfirmed>(e => e.PurchaseId == purchase.Id && e.Lesson == 2)).Released.MinorUnits.ShouldBe(2_666);
    }

    [Fact]
    public async Task A_lesson_is_confirmed_once_in_turn_and_by_its_payer()
    {
        var purchase = await payments.Paid(await payments.Lessons(2));
        (await payments.Worker.Refused(new ConfirmLesson(purchase.Item.Tutor, purchase.Id, 1))).Kind.ShouldBe(RefusalKind.NotFound);
        (await payments.Worker.Refused(new ConfirmLesson(purchase.Payer, purchase.Id, 2))).Code.ShouldBe("lesson.not_next");

        await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 1));
        await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, 1));

        (await payments.View(purchase)).LessonsConfirmed.ShouldBe(1);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(4_000);
        var unpaid = await payments.Started(await payments.Lessons());
        (await payments.Worker.Refused(new ConfirmLesson(unpaid.Payer, unpaid.Id, 1))).Code.ShouldBe("purchase.not_paid");
    }

    [Fact]
    public async Task What_was_not_delivered_goes_back_and_what_was_stays_with_the_tutor()
    {
        var purchase = await payments.Paid(await payments.Lessons(10, 10_000));
        foreach (var lesson in Enumerable.Range(1, 4))
            await payments.Worker.Done(new ConfirmLesson(purchase.Payer, purchase.Id, lesson));
        (await payments.View(purchase)).Refundable.MinorUnits.ShouldBe(6_000);

        await payments.Worker.Done(new RefundPurchase(purchase.Payer, purchase.Id, Guid.CreateVersion7(), null, "moving away"));

        var view = await payments.Status(purchase, PurchaseStatus.Fulfilled);
        view.Refunded.MinorUnits.ShouldBe(6_000);
        (await payments.Moved(purchase, Accounts.Tutor)).ShouldBe(3_200);
        (await payments.Moved(purchase, Accounts.PlatformFees)).ShouldBe(800);
        (await payments.Moved(purchase, Accounts.Held)).ShouldBe(0);
        (await payments.Worker.Refused(new ConfirmLesson(purchase.Payer, purchase.Id, 5))).Code.ShouldBe("purchase.not_paid");
        (await payments.Worker.Refused(new RefundPurchase(purchase.Payer, purchase.Id, Guid.CreateVersion7(), null, "more"))).Code.ShouldBe("refund.outside_policy");
    }
}
