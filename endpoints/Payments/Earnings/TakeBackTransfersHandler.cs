using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Local: a purchase may have transferred more than it has released by now.</summary>
sealed record TakeBackTransfers(Guid PurchaseId);

/// <summary>
/// Reverses what was transferred beyond what the purchase still releases. Where Stripe refuses because the tutor's account is empty the debt stays in the tutor's balance, and
/// later transfers are smaller.
/// </summary>
sealed class TakeBackTransfersHandler : IHandleMessages<TakeBackTransfers>
{
    public async Task Handle(TakeBackTransfers message, IMessageHandlerContext context)
    {
        var purchase = await context.Db.QuerySingleAsync<Purchased>(
            "SELECT tutor_id, released_minor FROM payments.purchase WHERE purchase_id = @PurchaseId", new { message.PurchaseId });
        await TutorFunds.Lock(context.Db, purchase.TutorId, context.Now);
        var transfers = (await context.Db.QueryAsync<Transferred>(
            """
            SELECT transfer_id, amount_minor - reversed_minor - reversing_minor AS left_minor
            FROM payments.transfer
            WHERE purchase_id = @PurchaseId AND status = 'done'
            ORDER BY decided_at DESC, transfer_id DESC
            """, new { message.PurchaseId })).AsList();

        var excess = transfers.Sum(t => t.LeftMinor) - purchase.ReleasedMinor;
        foreach (var transfer in transfers.TakeWhile(_ => excess > 0).Where(t => t.LeftMinor > 0))
        {
            var amount = Math.Min(excess, transfer.LeftMinor);
            var reversalId = Guid.CreateVersion7(context.Now);
            await context.Db.ExecuteAsync(
                """
                INSERT INTO payments.reversal (reversal_id, transfer_id, amount_minor, status, decided_at)
                VALUES (@reversalId, @TransferId, @amount, 'pending', @Now);

                UPDATE payments.transfer
                SET reversing_minor = reversing_minor + @amount
                WHERE transfer_id = @TransferId;
                """, new { reversalId, transfer.TransferId, amount, context.Now });
            await context.RequestCall(new ReverseTransfer(reversalId));
            excess -= amount;
        }
    }

    sealed record Purchased(Guid TutorId, long ReleasedMinor);

    sealed record Transferred(Guid TransferId, long LeftMinor);
}

/// <summary>Has Stripe take money back from a tutor's account.</summary>
sealed record ReverseTransfer(Guid ReversalId) : IStripeCall
{
    public string CallId => $"reversal/{ReversalId}";
}

sealed class ReverseTransferHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<ReverseTransfer>
{
    public async Task Handle(ReverseTransfer call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is not { } tries)
            return;

        await using var connection = await db.OpenConnectionAsync(context.CancellationToken);
        var (amount, currency, stripeTransferId) = await connection.QuerySingleAsync<(long, string, string)>(
            """
            SELECT r.amount_minor, t.currency, t.stripe_transfer_id
            FROM payments.reversal r
            JOIN payments.transfer t USING (transfer_id)
            WHERE r.reversal_id = @ReversalId
            """, new { call.ReversalId });
        try
        {
            var id = await stripe.ReverseTransfer(stripeTransferId, new Money(amount, currency), call.CallId, lookFirst: tries > 0, context.CancellationToken);
            await context.SendLocal(new RecordReversal(call.ReversalId, id, null, call.CallId));
        }
        catch (StripeRefusal refusal)
        {
            await context.SendLocal(new RecordReversal(call.ReversalId, null, refusal.Code, call.CallId));
        }
    }
}

/// <summary>Local: Stripe has said what became of a reversal.</summary>
sealed record RecordReversal(Guid ReversalId, string? StripeReversalId, string? Code, string CallId);

sealed class RecordReversalHandler : IHandleMessages<RecordReversal>
{
    public async Task Handle(RecordReversal message, IMessageHandlerContext context)
    {
        if (!await context.SettleCall(message.CallId, message.Code ?? "done"))
            return;

        // The tutor before the transfer, as whoever decides on reversals takes them.
        var tutorId = await context.Db.QuerySingleAsync<Guid>(
            "SELECT t.tutor_id FROM payments.reversal r JOIN payments.transfer t USING (transfer_id) WHERE r.reversal_id = @ReversalId", new { message.ReversalId });
        await TutorFunds.Lock(context.Db, tutorId, context.Now);
        var reversal = await context.Db.QuerySingleAsync<Row>(
            """
            WITH reversal AS (
                UPDATE payments.reversal
                SET status = CASE WHEN @StripeReversalId IS NULL THEN 'refused' ELSE 'done' END, stripe_reversal_id = @StripeReversalId
                WHERE reversal_id = @ReversalId
                RETURNING transfer_id, amount_minor
            )
            UPDATE payments.transfer t
            SET reversing_minor = t.reversing_minor - r.amount_minor,
                reversed_minor = t.reversed_minor + CASE WHEN @StripeReversalId IS NULL THEN 0 ELSE r.amount_minor END
            FROM reversal r
            WHERE t.transfer_id = r.transfer_id
            RETURNING t.purchase_id, t.tutor_id, t.currency, r.amount_minor
            """, new { message.ReversalId, message.StripeReversalId });
        if (message.StripeReversalId is null)
        {
            await context.FileException("call_refused", message.CallId, $"Stripe refused to take {reversal.AmountMinor} {reversal.Currency} back from tutor {reversal.TutorId}: {message.Code}. It is kept back from what the tutor earns next.");
            return;
        }

        await context.Post(
            $"reversal/{message.ReversalId}", "reversal", reversal.PurchaseId, reversal.Currency,
            [new(Accounts.Stripe, Accounts.Platform, reversal.AmountMinor), new(Accounts.Connected, reversal.TutorId, -reversal.AmountMinor)]);
        // What was earned meanwhile could not be transferred in full while this money still lay there.
        if ((await TutorFunds.Read(context.Db, tutorId, reversal.Currency, context.Now)).Transferable > 0)
            await context.SendLocal(new TransferWaitingEarnings(tutorId, null));
    }

    sealed record Row(Guid PurchaseId, Guid TutorId, string Currency, long AmountMinor);
}
