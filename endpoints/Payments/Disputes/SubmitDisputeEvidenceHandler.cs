using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class SubmitDisputeEvidenceHandler : IHandleMessages<SubmitDisputeEvidence>
{
    public async Task Handle(SubmitDisputeEvidence command, IMessageHandlerContext context)
    {
        if (!command.By.May("payments.support"))
        {
            await context.Refuse(RefusalKind.Forbidden, "dispute.not_permitted", "Only support answers disputes.");
            return;
        }

        var dispute = await context.Db.QuerySingleOrDefaultAsync<(Guid PurchaseId, string Status)?>(
            "SELECT purchase_id, status FROM payments.dispute WHERE dispute_id = @DisputeId", new { command.DisputeId });
        if (dispute is null)
        {
            await context.Refuse(RefusalKind.NotFound, "dispute.not_found", "There is no such dispute.");
            return;
        }

        if (dispute.Value.Status is "won" or "lost")
        {
            await context.Refuse(RefusalKind.Conflict, "dispute.closed", "The bank has decided already.");
            return;
        }

        if (dispute.Value.Status != "needs_response")
        {
            await context.Refuse(RefusalKind.Conflict, "dispute.answered", "A bank takes evidence once, and it was handed in.");
            return;
        }

        await context.RequestCall(new HandInEvidence(command.DisputeId, dispute.Value.PurchaseId, command.Text, Submit: true));
        await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.audit (subject_id, actor_id, what, details, message_id, occurred_at)
            VALUES (@PurchaseId, @actor, 'SubmitDisputeEvidence', jsonb_build_object('dispute', @DisputeId::text), @MessageId, @Now)
            """, new { dispute.Value.PurchaseId, actor = command.By.Id, command.DisputeId, context.MessageId, context.Now });
        await context.Reply(new Done(dispute.Value.PurchaseId));
    }
}
