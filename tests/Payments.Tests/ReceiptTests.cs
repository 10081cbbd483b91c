using System.Net;
using System.Text;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class ReceiptTests(PaymentsFixture payments)
{
    [Fact]
    public async Task A_payer_is_mailed_one_receipt_and_one_notice_of_the_refund()
    {
        var payer = await payments.Registered();
        var purchase = await payments.Paid(await payments.Course(12_345), payer.Actor);

        var receipt = (await PaymentsFixture.Mails(payer.Email, "Your receipt ")).ShouldHaveSingleItem();
        receipt["text"]!.GetValue<string>().ShouldContain("EUR 123.45");
        receipt["attachments"]!.AsArray().Single()!["contentType"]!.GetValue<string>().ShouldBe("application/pdf");

        await payments.Worker.Done(new RefundPurchase(payer.Actor, purchase.Id, Guid.CreateVersion7(), null, "not for me"));
        await PaymentsFixture.Mails(payer.Email, "Your refund of EUR 123.45");

        // Handled once more, both say the same under the same id, by which mail systems know them.
        await payments.SendLocal(new SendReceipt(purchase.Id));
        await WorkerUnderTest.Until(async () => (await PaymentsFixture.Mails(payer.Email, "Your receipt ")).Length == 2, "the receipt is mailed again");
        (await PaymentsFixture.Mails(payer.Email, "Your receipt ")).Select(m => m["headers"]!["message-id"]!.GetValue<string>()).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Money_that_goes_back_without_a_payment_having_been_told_has_its_notice()
    {
        // So it is with money that comes after the purchase has ended.
        var payer = await payments.Registered();
        var purchase = await payments.Started(await payments.Lessons(), payer.Actor);

        await payments.SendLocal(new PurchaseRefunded(purchase.Id, Guid.CreateVersion7(), PurchaseKind.Lessons, purchase.Item.Id, payer.Actor.Id, purchase.Item.Tutor.Id, new Money(10_000, "EUR"), true, DateTimeOffset.UtcNow));

        (await PaymentsFixture.Mails(payer.Email, "Your refund of EUR 100.00")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_receipt_is_shown_to_payer_and_support_alone()
    {
        var payer = await payments.Registered("<b>Åse</b>");
        var purchase = await payments.Paid(payer: payer.Actor);

        var page = await Show(purchase, payer.Actor, "receipt");
        (await page.Content.ReadAsStringAsync()).ShouldContain("&lt;b&gt;");
        var pdf = await Show(purchase, PaymentsFixture.Support(), "receipt.pdf");
        Encoding.ASCII.GetString(await pdf.Content.ReadAsByteArrayAsync())[..5].ShouldBe("%PDF-");
        foreach (var stranger in new[] { PaymentsFixture.Student(), purchase.Item.Tutor })
            (await Show(purchase, stranger, "receipt")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Show(await payments.Started(payer: payer.Actor), payer.Actor, "receipt")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Numbers_count_up_without_gaps()
    {
        // A coupon of 100 % pays at once, so that many are numbered at the same time.
        var item = await payments.Lessons();
        var coupon = new CreateCoupon(item.Tutor, Guid.CreateVersion7(), $"F{Guid.NewGuid():N}"[..20], false, 100, null, 20, DateTimeOffset.UtcNow.AddDays(1));
        await payments.Worker.Done(coupon);

        var purchases = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => payments.Started(item, coupon: coupon.Code)));

        var ids = purchases.Select(p => p.Id).ToArray();
        await payments.Until("SELECT count(*) = 12 FROM payments.receipt WHERE purchase_id = ANY(@ids)", new { ids }, "all are numbered");
        (await payments.Read<bool>("SELECT count(*) = max(number) AND min(number) = 1 FROM payments.receipt GROUP BY year")).ShouldBeTrue();
    }

    [Theory]
    [InlineData(123_456, "EUR", "EUR 1,234.56")]
    [InlineData(500, "JPY", "JPY 500")]
    [InlineData(1_250, "KWD", "KWD 1.250")]
    [InlineData(0, "EUR", "EUR 0.00")]
    public void Amounts_have_the_digits_of_their_currency(long minorUnits, string currency, string text) => MoneyText.Of(new Money(minorUnits, currency)).ShouldBe(text);

    [Theory]
    [InlineData("a bc def", "a bc|def")]
    [InlineData("abcdefghij", "abcde|fghij")]
    [InlineData("ab cdefghij", "ab|cdefg|hij")]
    [InlineData("éééééé", "ééééé|é")]
    [InlineData("", "")]
    public void Lines_break_between_words_and_within_what_is_too_long(string text, string lines)
        => string.Join('|', ReceiptPdf.Wrap(text, l => new System.Globalization.StringInfo(l).LengthInTextElements, 5)).ShouldBe(lines);

    [Fact]
    public void A_long_title_in_other_alphabets_takes_as_many_pages_as_it_needs()
    {
        var view = new ReceiptView("2026-000001", Guid.CreateVersion7(), string.Join(' ', Enumerable.Repeat("Φωτοσύνθεση фотосинтез", 300)), 1, new Money(100, "EUR"), new Money(0, "EUR"), DateTimeOffset.UnixEpoch);

        var pdf = Encoding.Latin1.GetString(ReceiptPdf.Write(view, "Ñandú"));

        pdf.ShouldMatch("/Count [2-9] ");
        pdf.Length.ShouldBeLessThan(100_000);
    }

    async Task<HttpResponseMessage> Show(TestPurchase purchase, Actor by, string what) => await payments.Worker.Api(by).GetAsync(new Uri($"/internal/payments/purchases/{purchase.Id}/{what}", UriKind.Relative));
}
