using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class CouponTests(PaymentsFixture payments)
{
    [Fact]
    public async Task A_tutors_coupon_lowers_the_price_of_own_items_alone()
    {
        var item = await payments.Lessons(1, 10_000);
        var coupon = Coupon(item.Tutor);
        await payments.Worker.Done(coupon);

        var quote = await payments.Quote(item, PaymentsFixture.Student(), coupon.Code.ToLowerInvariant());

        (quote.ListPrice.MinorUnits, quote.Price.MinorUnits, quote.PlatformFee.MinorUnits).ShouldBe((10_000, 8_000, 1_600));
        (await payments.Worker.Refused(Quote(await payments.Lessons(), coupon.Code))).Code.ShouldBe("coupon.not_valid");
    }

    [Fact]
    public async Task A_code_is_taken_whatever_its_case()
    {
        var coupon = Coupon(PaymentsFixture.Tutor());
        await payments.Worker.Done(coupon);

        var second = coupon with { By = PaymentsFixture.Tutor(), CouponId = Guid.CreateVersion7(), Code = coupon.Code.ToLowerInvariant() };
        (await payments.Worker.Refused(second)).Code.ShouldBe("coupon.code_taken");
    }

    [Fact]
    public async Task Only_administrators_give_from_the_platforms_fee()
    {
        (await payments.Worker.Refused(Coupon(PaymentsFixture.Tutor()) with { Platform = true })).Kind.ShouldBe(RefusalKind.Forbidden);

        var platform = Coupon(PaymentsFixture.Admin()) with { Platform = true };
        await payments.Worker.Done(platform);
        var quote = await payments.Quote(await payments.Lessons(1, 10_000), PaymentsFixture.Student(), platform.Code);

        (quote.Price.MinorUnits, quote.PlatformFee.MinorUnits, quote.TutorShare.MinorUnits).ShouldBe((8_000, 0, 8_000));
    }

    [Fact]
    public async Task A_coupon_names_an_item_of_its_tutor()
    {
        var item = await payments.Lessons();

        (await payments.Worker.Refused(Coupon(PaymentsFixture.Tutor()) with { ItemId = item.Id })).Code.ShouldBe("item.not_found");
        await payments.Worker.Done(Coupon(item.Tutor) with { ItemId = item.Id });
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(800)]
    public async Task A_coupon_expires_within_two_years(int days)
        => (await payments.Worker.Refused(Coupon(PaymentsFixture.Tutor()) with { ExpiresAt = DateTimeOffset.UtcNow.AddDays(days) })).Code.ShouldBe("coupon.expiry");

    [Fact]
    public async Task A_retired_coupon_is_listed_and_lowers_nothing()
    {
        var item = await payments.Lessons();
        var coupon = Coupon(item.Tutor);
        await payments.Worker.Done(coupon);
        (await payments.Worker.Refused(new RetireCoupon(PaymentsFixture.Tutor(), coupon.CouponId))).Code.ShouldBe("coupon.not_found");

        await payments.Worker.Done(new RetireCoupon(item.Tutor, coupon.CouponId));

        (await payments.Worker.Refused(Quote(item, coupon.Code))).Code.ShouldBe("coupon.not_valid");
        var mine = await payments.Worker.Api(item.Tutor).GetFromJsonAsync<Page<CouponView>>("/internal/payments/me/coupons");
        mine!.Items.Single().ShouldBe(new CouponView(coupon.CouponId, coupon.Code, false, 20, null, 5, 0, mine.Items[0].ExpiresAt, true));
    }

    [Fact]
    public async Task The_last_use_of_a_coupon_goes_to_one_buyer()
    {
        var item = await payments.Lessons();
        var coupon = Coupon(item.Tutor) with { MaxUses = 1 };
        await payments.Worker.Done(coupon);
        var buyers = Enumerable.Range(0, 4).Select(_ => PaymentsFixture.Student()).ToArray();
        var quotes = await Task.WhenAll(buyers.Select(b => payments.Quote(item, b, coupon.Code)));

        var answers = await Task.WhenAll(buyers.Zip(quotes, (buyer, quote) => payments.Worker.Ask(PaymentsFixture.Buy(buyer, Guid.CreateVersion7(), quote))));

        answers.OfType<Done>().Count().ShouldBe(1);
        answers.OfType<Refused>().ShouldAllBe(r => r.Code == "coupon.used_up");
    }

    static CreateCoupon Coupon(Actor by)
    {
        var id = Guid.CreateVersion7();
        return new(by, id, $"C{id:N}".ToUpperInvariant()[..28], false, 20, null, 5, DateTimeOffset.UtcNow.AddDays(30));
    }

    static QuotePurchase Quote(Item item, string coupon) => new(PaymentsFixture.Student(), Guid.CreateVersion7(), item.Kind, item.Id, coupon);
}
