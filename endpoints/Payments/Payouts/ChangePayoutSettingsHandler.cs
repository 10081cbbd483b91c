using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class ChangePayoutSettingsHandler : IHandleMessages<ChangePayoutSettings>
{
    public async Task Handle(ChangePayoutSettings command, IMessageHandlerContext context)
    {
        if (!command.By.May("courses.author"))
        {
            await context.Refuse(RefusalKind.Forbidden, "payout_account.not_permitted", "Only tutors are paid out.");
            return;
        }

        if (command.MinimumMinorUnits is < 0 or > 1_000_000_000)
        {
            await context.Refuse(RefusalKind.Invalid, "payout.minimum", "0 to 1,000,000,000.", new Dictionary<string, string> { ["minimumMinorUnits"] = $"{command.MinimumMinorUnits}" });
            return;
        }

        var tutor = await TutorFunds.Lock(context.Db, command.By.Id, context.Now);
        if (command.IfVersion is { } seen && seen != tutor.Version)
        {
            await context.Refuse(RefusalKind.Stale, "payout_account.stale", "The settings were changed since they were read.");
            return;
        }

        await context.Db.ExecuteAsync(
            """
            UPDATE payments.tutor_account
            SET payout_interval = @interval, payout_minimum = @MinimumMinorUnits, version = version + 1
            WHERE tutor_id = @tutor;

            INSERT INTO payments.audit (subject_id, actor_id, what, details, message_id, occurred_at)
            VALUES (@tutor, @tutor, 'ChangePayoutSettings', jsonb_build_object('interval', @interval::text, 'minimum', @MinimumMinorUnits::bigint), @MessageId, @Now);
            """, new { interval = PurchaseStream.Word(command.Interval), command.MinimumMinorUnits, tutor = command.By.Id, context.MessageId, context.Now });
        await context.Reply(new Done(command.By.Id, tutor.Version + 1));
    }
}
