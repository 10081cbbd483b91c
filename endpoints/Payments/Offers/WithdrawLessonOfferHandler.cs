using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class WithdrawLessonOfferHandler : IHandleMessages<WithdrawLessonOffer>
{
    public async Task Handle(WithdrawLessonOffer command, IMessageHandlerContext context)
    {
        // Withdrawing again changes nothing.
        var version = await context.Db.QuerySingleOrDefaultAsync<long?>(
            """
            UPDATE payments.lesson_offer
            SET withdrawn_at = COALESCE(withdrawn_at, @Now),
                version = version + CASE WHEN withdrawn_at IS NULL THEN 1 ELSE 0 END
            WHERE offer_id = @OfferId AND tutor_id = @tutor
            RETURNING version
            """,
            new { command.OfferId, tutor = command.By.Id, context.Now });
        if (version is null)
        {
            await context.Refuse(RefusalKind.NotFound, "offer.not_found", "There is no such offer of yours.");
            return;
        }

        await context.Audit(command.OfferId, command.By, nameof(WithdrawLessonOffer));
        await context.Reply(new Done(command.OfferId, version.Value));
    }
}
