using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class SetFeeHandler : IHandleMessages<SetFee>
{
    public async Task Handle(SetFee command, IMessageHandlerContext context)
    {
        if (!command.By.May("payments.admin"))
        {
            await context.Refuse(RefusalKind.Forbidden, "fee.not_permitted", "Only administrators set fees.");
            return;
        }

        if (command.BasisPoints is < 0 or > 10_000)
        {
            await context.Refuse(RefusalKind.Invalid, "fee.basis_points", "0 to 10,000 basis points.", new Dictionary<string, string> { ["basisPoints"] = $"{command.BasisPoints}" });
            return;
        }

        // A minute's grace for clocks; the past is what quotes were made from.
        if (command.EffectiveFrom < context.Now.AddMinutes(-1))
        {
            await context.Refuse(RefusalKind.Invalid, "fee.in_the_past", "A fee holds from now or later: what was quoted keeps its fee.", new Dictionary<string, string> { ["effectiveFrom"] = $"{command.EffectiveFrom:O}" });
            return;
        }

        await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.fee_schedule (fee_schedule_id, tutor_id, basis_points, effective_from, set_by, set_at)
            VALUES (@FeeScheduleId, @TutorId, @BasisPoints, @EffectiveFrom, @by, @Now)
            """, new { command.FeeScheduleId, command.TutorId, command.BasisPoints, EffectiveFrom = command.EffectiveFrom.ToUniversalTime(), by = command.By.Id, context.Now });
        await context.Reply(new Done(command.FeeScheduleId));
    }
}
