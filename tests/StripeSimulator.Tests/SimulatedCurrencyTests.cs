namespace EdTech.StripeSimulator.Tests;

public sealed class SimulatedCurrencyTests(SharedSimulator shared)
{
    [Theory]
    [InlineData("usd", 1_000, 59)]
    [InlineData("usd", 1_050, 60)]
    [InlineData("eur", 9_999, 320)]
    [InlineData("jpy", 1_000, 59)]
    [InlineData("krw", 10_000, 320)]
    [InlineData("clp", 5_000, 175)]
    [InlineData("vnd", 50_000, 1_480)]
    [InlineData("kwd", 5_000, 250)]
    [InlineData("bhd", 10_010, 390)]
    [InlineData("tnd", 1_000, 130)]
    [InlineData("jod", 20_000, 680)]
    [InlineData("omr", 3_330, 200)]
    public async Task The_fee_is_in_the_currencys_own_units(string currency, long amount, long fee)
    {
        var intent = await shared.It.Pay(amount: amount, currency: currency);

        intent.LatestCharge.BalanceTransaction.Fee.ShouldBe(fee);
        intent.LatestCharge.BalanceTransaction.Net.ShouldBe(amount - fee);
    }

    [Theory]
    [InlineData("kwd", 5_001)]
    [InlineData("bhd", 9_999)]
    [InlineData("isk", 1_050)]
    public async Task Digits_that_a_currency_does_not_have_are_refused(string currency, long amount)
        => (await Should.ThrowAsync<StripeException>(() => shared.It.Pay(amount: amount, currency: currency))).StripeError.Param.ShouldBe("amount");

    [Theory]
    [InlineData("usd", 49)]
    [InlineData("jpy", 49)]
    [InlineData("gbp", 29)]
    [InlineData("mxn", 999)]
    public async Task Less_than_the_smallest_charge_is_refused(string currency, long amount)
        => (await Should.ThrowAsync<StripeException>(() => shared.It.Pay(amount: amount, currency: currency))).StripeError.Code.ShouldBe("amount_too_small");
}
