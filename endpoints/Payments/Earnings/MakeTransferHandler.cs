using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Has Stripe move a tutor's share to the tutor's own account.</summary>
sealed record MakeTransfer(Guid TransferId) : IStripeCall
{
    public string CallId => $"transfer/{TransferId}";
}

sealed class MakeTransferHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<MakeTransfer>
{
    public async Task Handle(MakeTransfer call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is not { } tries)
            return;

        await using var connection = await db.OpenConnectionAsync(context.CancellationToken);
        var transfer = await connection.QuerySingleAsync<Row>(
            """
            SELECT t.purchase_id, t.amount_minor, t.currency, p.charge_id, a.stripe_account_id
            FROM payments.transfer t
            JOIN payments.purchase p USING (purchase_id)
            JOIN payments.tutor_account a ON a.tutor_id = t.tutor_id
            WHERE t.transfer_id = @TransferId
            """, new { call.TransferId });
        try
        {
            var id = await stripe.CreateTransfer(
                transfer.PurchaseId, transfer.StripeAccountId, transfer.ChargeId, new Money(transfer.AmountMinor, transfer.Currency), call.CallId, lookFirst: tries > 0, context.CancellationToken);
            await context.SendLocal(new RecordTransfer(call.TransferId, id, null, call.CallId));
        }
        catch (StripeRefusal refusal)
        {
            await context.SendLocal(new RecordTransfer(call.TransferId, null, refusal.Code, call.CallId));
        }
    }

    sealed record Row(Guid PurchaseId, long AmountMinor, string Currency, string ChargeId, string StripeAccountId);
}

/// <summary>Local: Stripe has said what became of a transfer.</summary>
sealed record RecordTransfer(Guid TransferId, string? StripeTransferId, string? Code, string CallId);

sealed class RecordTransferHandler : IHandleMessages<RecordTransfer>
{
    public async Task Handle(RecordTransfer message, IMessageHandlerContext context)
    {
        if (!await context.SettleCall(message.CallId, message.Code ?? "done"))
            return;

        var transfer = await context.Db.QuerySingleAsync<Row>(
            """
            UPDATE payments.transfer
            SET status = CASE WHEN @StripeTransferId IS NULL THEN 'refused' ELSE 'done' END, stripe_transfer_id = @StripeTransferId
            WHERE transfer_id = @TransferId
            RETURNING purchase_id, tutor_id, amount_minor, currency
            """, new { message.TransferId, message.StripeTransferId });
        if (message.StripeTransferId is null)
        {
            await context.FileException("call_refused", message.CallId, $"Stripe refused to transfer {transfer.AmountMinor} {transfer.Currency} of purchase {transfer.PurchaseId} to tutor {transfer.TutorId}: {message.Code}.");
            return;
        }

        await context.Post(
            $"transfer/{message.TransferId}", "transfer", transfer.PurchaseId, transfer.Currency,
            [new(Accounts.Connected, transfer.TutorId, transfer.AmountMinor), new(Accounts.Stripe, Accounts.Platform, -transfer.AmountMinor)]);
        // Money may have gone back to the learner while the transfer was under way.
        await context.SendLocal(new TakeBackTransfers(transfer.PurchaseId));
    }

    sealed record Row(Guid PurchaseId, Guid TutorId, long AmountMinor, string Currency);
}
