using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class OfferLessonsTests(PaymentsFixture payments)
{
    [Theory]
    [InlineData(49, "EUR", "offer.below_minimum")]
    [InlineData(49, "JPY", "offer.below_minimum")]
    [InlineData(5_000, "XOF", "offer.currency_not_sold")]
    [InlineData(1_255, "KWD", "offer.price_not_chargeable")]
    public async Task A_price_that_no_card_can_be_charged_is_refused(long minorUnits, string currency, string code)
        => (await payments.Worker.Refused(new OfferLessons(PaymentsFixture.Tutor(), Guid.CreateVersion7(), "Conversation", 1, new Money(minorUnits, currency)))).Code.ShouldBe(code);

    [Fact]
    public async Task A_quote_keeps_the_price_that_the_offer_had()
    {
        var item = await payments.Lessons(2, 4_000);
        var payer = PaymentsFixture.Student();
        var quote = await payments.Quote(item, payer);

        await payments.Worker.Done(new OfferLessons(item.Tutor, item.Id, "Conversation, longer", 2, new Money(6_000, "EUR")));

        var purchase = Guid.CreateVersion7();
        await payments.Worker.Done(PaymentsFixture.Buy(payer, purchase, quote));
        (await payments.View(new TestPurchase(purchase, payer, item))).Price.MinorUnits.ShouldBe(4_000);
        (await payments.Quote(item, payer)).Price.MinorUnits.ShouldBe(6_000);
    }

    [Fact]
    public async Task An_offer_of_somebody_else_reads_like_none()
    {
        var item = await payments.Lessons();
        var stranger = PaymentsFixture.Tutor();

        (await payments.Worker.Refused(new OfferLessons(stranger, item.Id, "Mine now", 1, new Money(1_000, "EUR")))).Code.ShouldBe("offer.not_found");
        (await payments.Worker.Refused(new WithdrawLessonOffer(stranger, item.Id))).ShouldBe(await payments.Worker.Refused(new WithdrawLessonOffer(stranger, Guid.CreateVersion7())));
    }

    [Fact]
    public async Task What_is_withdrawn_is_neither_sold_nor_shown_to_others()
    {
        var kept = await payments.Lessons();
        var gone = await payments.Lessons(tutor: kept.Tutor);
        await payments.Worker.Done(new WithdrawLessonOffer(kept.Tutor, gone.Id));
        await payments.Worker.Done(new WithdrawLessonOffer(kept.Tutor, gone.Id));

        (await payments.Worker.Refused(new QuotePurchase(PaymentsFixture.Student(), Guid.CreateVersion7(), PurchaseKind.Lessons, gone.Id, null))).Code.ShouldBe("item.not_for_sale");
        (await Offers(kept.Tutor.Id, null)).Select(o => o.OfferId).ShouldBe([kept.Id]);
        (await Offers(kept.Tutor.Id, kept.Tutor)).Select(o => (o.OfferId, o.Withdrawn)).ShouldBe([(kept.Id, false), (gone.Id, true)]);
    }

    async Task<IReadOnlyList<LessonOfferView>> Offers(Guid tutor, Actor? by)
        => (await payments.Worker.Api(by).GetFromJsonAsync<Page<LessonOfferView>>($"/internal/payments/tutors/{tutor}/offers"))!.Items;
}
