using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class PaymentsClockTests(PaymentsFixture payments)
{
    [Fact]
    public async Task Payouts_reconciliation_and_asking_again_are_scheduled_in_the_database()
    {
        await payments.Until("SELECT to_regclass('public.qrtz_triggers') IS NOT NULL", new { }, "the clock has its tables");
        await payments.Until("SELECT count(*) = 3 FROM qrtz_triggers WHERE trigger_state <> 'ERROR'", new { }, "all jobs are scheduled");

        var crons = await payments.Read<string>("SELECT string_agg(cron_expression, ', ' ORDER BY trigger_name) FROM qrtz_cron_triggers");
        crons.ShouldBe("0 0 6 * * ?, 0 0 4 * * ?");
        // The cluster knows this worker, so that another one takes over what it leaves.
        await payments.Until("SELECT count(*) > 0 FROM qrtz_scheduler_state", new { }, "the worker has checked in");
    }

    [Fact]
    public async Task The_clock_makes_calls_again_whose_outcome_is_not_known()
    {
        // A call that was ordered, and whose message got lost with everything else.
        var purchase = await payments.Started();
        await payments.Payment(purchase);
        await payments.Worker.Db.CreateCommand($"UPDATE payments.stripe_call SET settled_at = NULL, next_at = now() - interval '1 minute' WHERE call_id = 'intent/{purchase.Id}'").ExecuteNonQueryAsync();

        await payments.SendLocal(new AskAgain());

        await payments.Until("SELECT settled_at IS NOT NULL AND tries = 1 FROM payments.stripe_call WHERE call_id = @call", new { call = $"intent/{purchase.Id}" }, "the call is settled");
        (await payments.Read<long>("SELECT count(*) FROM payments.purchase_event WHERE purchase_id = @Id AND type = 'intentOpened'", new { purchase.Id })).ShouldBe(1);
    }
}
