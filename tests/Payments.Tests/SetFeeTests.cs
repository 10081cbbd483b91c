using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class SetFeeTests(PaymentsFixture payments)
{
    [Fact]
    public async Task A_fee_agreed_with_a_tutor_holds_for_what_is_quoted_from_then_on()
    {
        var item = await payments.Course();
        var before = await payments.Started(item);

        await payments.Worker.Done(new SetFee(PaymentsFixture.Admin(), Guid.CreateVersion7(), item.Tutor.Id, 1_000, DateTimeOffset.UtcNow));
        await payments.Paid(item);
        (await payments.Balance(Accounts.Tutor, item.Tutor.Id)).ShouldBe(9_000);

        using var paid = await payments.Confirm(before, "pm_card_visa");
        await payments.Status(before, PurchaseStatus.Fulfilled);
        (await payments.Moved(before, Accounts.Tutor)).ShouldBe(8_000);
    }

    [Fact]
    public async Task Only_administrators_set_fees_of_0_to_100_percent_and_not_in_the_past()
    {
        var admin = PaymentsFixture.Admin();
        var now = DateTimeOffset.UtcNow;

        (await payments.Worker.Refused(new SetFee(PaymentsFixture.Support(), Guid.CreateVersion7(), null, 100, now))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await payments.Worker.Refused(new SetFee(admin, Guid.CreateVersion7(), null, 10_001, now))).Code.ShouldBe("fee.basis_points");
        (await payments.Worker.Refused(new SetFee(admin, Guid.CreateVersion7(), null, -1, now))).Code.ShouldBe("fee.basis_points");
        (await payments.Worker.Refused(new SetFee(admin, Guid.CreateVersion7(), null, 100, now.AddDays(-1)))).Code.ShouldBe("fee.in_the_past");
    }
}
