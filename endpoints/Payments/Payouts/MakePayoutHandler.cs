using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Local: asks Stripe what has arrived in a tutor's account, before a payout is decided.</summary>
sealed record LookAtFunds(Guid PayoutId, Guid TutorId, string Currency, bool ByHand);

sealed class LookAtFundsHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<LookAtFunds>
{
    public async Task Handle(LookAtFunds message, IMessageHandlerContext context)
    {
        await using var connection = await db.OpenConnectionAsync(context.CancellationToken);
        var accountId = await connection.ExecuteScalarAsync<string?>("SELECT stripe_account_id FROM payments.tutor_account WHERE tutor_id = @TutorId AND payouts_enabled", new { message.TutorId });
        if (accountId is not null)
            await context.SendLocal(new DecidePayout(message.PayoutId, message.TutorId, message.Currency, message.ByHand, await stripe.GetAvailable(accountId, message.Currency, context.CancellationToken)));
    }
}

/// <summary>Local: so much has arrived; a payout is decided, or not.</summary>
sealed record DecidePayout(Guid PayoutId, Guid TutorId, string Currency, bool ByHand, long Available);

sealed class DecidePayoutHandler(IConfiguration configuration) : IHandleMessages<DecidePayout>
{
    public async Task Handle(DecidePayout message, IMessageHandlerContext context)
    {
        var tutor = await TutorFunds.Lock(context.Db, message.TutorId, context.Now);
        var funds = await TutorFunds.Read(context.Db, message.TutorId, message.Currency, context.Now);
        var unit = StripeAmounts.PayoutUnit(message.Currency);
        var amount = Math.Min(funds.Payable(PayoutReserve.Percent(configuration), message.Currency), message.Available) / unit * unit;
        if (amount <= 0 || (!message.ByHand && amount < tutor.PayoutMinimum))
            return;

        var decided = await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.payout (payout_id, tutor_id, amount_minor, currency, status, created_at)
            VALUES (@PayoutId, @TutorId, @amount, @Currency, 'pending', @Now)
            ON CONFLICT (payout_id) DO NOTHING
            """, new { message.PayoutId, message.TutorId, amount, message.Currency, context.Now });
        if (decided == 0)
            return;

        // Out of the balance at once, so that nothing else can spend it; a payout that fails brings it back.
        await context.Post($"payout/{message.PayoutId}", "payout", null, message.Currency,
            [new(Accounts.Tutor, message.TutorId, amount), new(Accounts.Connected, message.TutorId, -amount)]);
        await context.RequestCall(new MakePayout(message.PayoutId));
    }
}

/// <summary>Has Stripe pay a tutor out.</summary>
sealed record MakePayout(Guid PayoutId) : IStripeCall
{
    public string CallId => $"payout/{PayoutId}";
}

sealed class MakePayoutHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<MakePayout>
{
    public async Task Handle(MakePayout call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is not { } tries)
            return;

        await using var connection = await db.OpenConnectionAsync(context.CancellationToken);
        var (amount, currency, accountId) = await connection.QuerySingleAsync<(long, string, string)>(
            """
            SELECT p.amount_minor, p.currency, a.stripe_account_id
            FROM payments.payout p
            JOIN payments.tutor_account a USING (tutor_id)
            WHERE p.payout_id = @PayoutId
            """, new { call.PayoutId });
        try
        {
            await context.SendLocal(new RecordPayout(
                call.PayoutId, await stripe.CreatePayout(call.PayoutId, accountId, new Money(amount, currency), call.CallId, lookFirst: tries > 0, context.CancellationToken), null, call.CallId));
        }
        catch (StripeRefusal refusal)
        {
            await context.SendLocal(new RecordPayout(call.PayoutId, null, refusal.Code, call.CallId));
        }
    }
}

/// <summary>Something may have happened to a payout.</summary>
sealed record LookAtPayout(string AccountId, string PayoutId);

sealed class LookAtPayoutHandler(StripeApi stripe) : IHandleOutsideCalls<LookAtPayout>
{
    public async Task Handle(LookAtPayout message, IMessageHandlerContext context)
    {
        var payout = await stripe.GetPayout(message.AccountId, message.PayoutId, context.CancellationToken);
        if (payout.OurId is not null)
            await context.SendLocal(new RecordPayout(Guid.Parse(payout.OurId), payout, null, CallId: null));
    }
}

/// <summary>Local: Stripe has said where a payout is, or refused it.</summary>
sealed record RecordPayout(Guid PayoutId, StripePayout? Payout, string? Code, string? CallId);

sealed class RecordPayoutHandler : IHandleMessages<RecordPayout>
{
    public async Task Handle(RecordPayout message, IMessageHandlerContext context)
    {
        if (message.CallId is not null)
            await context.SettleCall(message.CallId, message.Code ?? "done");

        var payout = await context.Db.QuerySingleAsync<Row>(
            "SELECT tutor_id, amount_minor, currency, status FROM payments.payout WHERE payout_id = @PayoutId FOR UPDATE", new { message.PayoutId });
        var status = message.Payout?.Status switch
        {
            null or "failed" or "canceled" => "failed",
            "paid" => "paid",
            _ => "sent",
        };
        // Forward only: pending, sent, paid, failed. A payout can fail after it was paid, when the bank sends it back.
        if (Rank(status) <= Rank(payout.Status))
            return;

        var code = message.Code ?? message.Payout?.FailureCode;
        await context.Db.ExecuteAsync(
            """
            UPDATE payments.payout
            SET status = @status, stripe_payout_id = COALESCE(@stripeId, stripe_payout_id), failure_code = CASE WHEN @status = 'failed' THEN @code END, arrives_at = COALESCE(@arrives, arrives_at)
            WHERE payout_id = @PayoutId
            """, new { status, stripeId = message.Payout?.PayoutId, code, arrives = message.Payout?.ArrivesAt, message.PayoutId });
        var amount = new Money(payout.AmountMinor, payout.Currency);
        if (status == "failed")
        {
            await context.Post($"payout/{message.PayoutId}/failed", "payoutFailed", null, payout.Currency,
                [new(Accounts.Tutor, payout.TutorId, -payout.AmountMinor), new(Accounts.Connected, payout.TutorId, payout.AmountMinor)]);
            await context.Publish(new PayoutFailed(message.PayoutId, payout.TutorId, amount, code ?? status, context.Now));
        }
        else if (payout.Status == "pending")
        {
            await context.Publish(new PayoutSent(message.PayoutId, payout.TutorId, amount, context.Now));
        }
    }

    static int Rank(string status) => status switch { "pending" => 0, "sent" => 1, "paid" => 2, _ => 3 };

    sealed record Row(Guid TutorId, long AmountMinor, string Currency, string Status);
}
