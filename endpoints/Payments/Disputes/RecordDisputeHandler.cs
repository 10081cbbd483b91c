using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Local: Stripe has said where a dispute is.</summary>
sealed record RecordDispute(Guid PurchaseId, DisputeState State, string? CallId, bool EvidenceIn = false);

/// <summary>Brings the purchase to where the dispute is. Decided stays decided, and a decision that is heard of first brings the opening with it.</summary>
sealed class RecordDisputeHandler : IHandleMessages<RecordDispute>
{
    public async Task Handle(RecordDispute message, IMessageHandlerContext context)
    {
        var purchase = await context.PurchaseOf(message.PurchaseId);
        if (message.CallId is not null)
            await context.SettleCall(message.CallId);

        var state = message.State;
        var known = await Keep(context, message);
        if (known is "won" or "lost")
            return;

        // An inquiry (warning_...) takes no money and asks for no evidence; it may become a dispute.
        if (known is not ("needs_response" or "under_review") && state.Withdrawn > 0 && !purchase.OpenDisputes.ContainsKey(state.DisputeId))
        {
            purchase = await context.Append(purchase, purchase.Id, null, new PurchaseEvent.DisputeBegun(state.DisputeId, state.Withdrawn, state.Fee));
            await context.Publish(new DisputeOpened(purchase.Id, state.DisputeId, purchase.PayerId, purchase.TutorId, new Money(state.Withdrawn, purchase.Currency), state.Reason, context.Now));
            if (state.Status == "needs_response")
            {
                await context.RequestCall(new HandInEvidence(state.DisputeId, purchase.Id, null, Submit: false));
                await context.SendLocal(new SubmitEvidenceInTime(state.DisputeId, purchase.Id), new SendOptions(SubmitEvidenceInTimeHandler.After));
            }
        }

        if (state.Status is "won" or "lost" && purchase.OpenDisputes.ContainsKey(state.DisputeId))
            await Close(context, purchase, state);
    }

    static async Task Close(IMessageHandlerContext context, Purchase purchase, DisputeState state)
    {
        var won = state.Status == "won";
        var after = await context.Append(purchase, purchase.Id, null, won ? new PurchaseEvent.DisputeWon(state.DisputeId, state.FeeReturned) : new PurchaseEvent.DisputeLost(state.DisputeId));
        await context.Publish(new DisputeClosed(
            after.Id, state.DisputeId, after.Kind, after.ItemId, after.PayerId, after.TutorId, new Money(state.Withdrawn, after.Currency), won, context.Now));
        if (won)
            await context.SendLocal(new TransferEarnings(after.TutorId, after.Currency, after.Id));
        else
            await context.SettleMoneyGone(purchase, after);
    }

    /// <summary>Writes the row and gives the status that it had before; null when it is new.</summary>
    static Task<string?> Keep(IMessageHandlerContext context, RecordDispute message)
        => context.Db.ExecuteScalarAsync<string?>(
            """
            WITH known AS (
                SELECT status FROM payments.dispute WHERE dispute_id = @DisputeId
            ), kept AS (
                INSERT INTO payments.dispute AS d (dispute_id, purchase_id, amount_minor, currency, reason, status, evidence_due_by, evidence_submitted_at, opened_at, closed_at)
                VALUES (@DisputeId, @PurchaseId, @Amount, @Currency, @Reason, @Status, @EvidenceDueBy, CASE WHEN @EvidenceIn THEN @Now END, @OpenedAt, CASE WHEN @Status IN ('won', 'lost') THEN @Now END)
                ON CONFLICT (dispute_id) DO UPDATE
                SET status = EXCLUDED.status, evidence_due_by = EXCLUDED.evidence_due_by, closed_at = EXCLUDED.closed_at,
                    evidence_submitted_at = COALESCE(EXCLUDED.evidence_submitted_at, d.evidence_submitted_at)
                WHERE d.status NOT IN ('won', 'lost') AND NOT (d.status = 'under_review' AND EXCLUDED.status = 'needs_response')
            )
            SELECT status FROM known
            """,
            new
            {
                message.State.DisputeId,
                message.PurchaseId,
                message.State.Amount,
                message.State.Currency,
                message.State.Reason,
                message.State.Status,
                message.State.EvidenceDueBy,
                message.EvidenceIn,
                message.State.OpenedAt,
                context.Now,
            });
}
