using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

sealed class OnboardTutorHandler : IHandleMessages<OnboardTutor>
{
    public async Task Handle(OnboardTutor command, IMessageHandlerContext context)
    {
        if (!command.By.May("courses.author"))
        {
            await context.Refuse(RefusalKind.Forbidden, "payout_account.not_permitted", "Only tutors are paid out.");
            return;
        }

        if (command.Country is not { Length: 2 } || !command.Country.All(char.IsAsciiLetterUpper))
        {
            await context.Refuse(RefusalKind.Invalid, "payout_account.country", "Two capital letters, ISO 3166-1.", new Dictionary<string, string> { ["country"] = command.Country ?? "" });
            return;
        }

        var tutor = await TutorFunds.Lock(context.Db, command.By.Id, context.Now);
        if (tutor.Country is { } country && country != command.Country)
        {
            await context.Refuse(RefusalKind.Conflict, "payout_account.country_is_fixed", $"The account was opened for {country}, which cannot be changed.");
            return;
        }

        if (tutor.Country is null)
        {
            await context.Db.ExecuteAsync(
                """
                UPDATE payments.tutor_account SET country = @Country WHERE tutor_id = @tutor;

                INSERT INTO payments.audit (subject_id, actor_id, what, message_id, occurred_at)
                VALUES (@tutor, @tutor, 'OnboardTutor', @MessageId, @Now);
                """, new { command.Country, tutor = command.By.Id, context.MessageId, context.Now });
            await context.RequestCall(new OpenStripeAccount(command.By.Id, command.Country, RefundOrder.IdOf(command.By.Id, context.MessageId)));
        }

        await context.Reply(new Done(command.By.Id, tutor.Version));
    }
}

/// <summary>Has Stripe open a tutor's account. After a refusal the tutor may try again, with the same country too: each attempt is a call of its own.</summary>
sealed record OpenStripeAccount(Guid TutorId, string Country, Guid AttemptId) : IStripeCall
{
    public string CallId => $"account/{TutorId}/{AttemptId}";
}

sealed class OpenStripeAccountHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<OpenStripeAccount>
{
    public async Task Handle(OpenStripeAccount call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is not { } tries)
            return;

        try
        {
            var account = await stripe.CreateAccount(call.TutorId, call.Country, call.CallId, lookFirst: tries > 0, context.CancellationToken);
            await context.SendLocal(new RecordAccount(account, call.TutorId, null, call.CallId, context.Now));
        }
        catch (StripeRefusal refusal)
        {
            await context.SendLocal(new RecordAccount(null, call.TutorId, refusal.Code, call.CallId, context.Now));
        }
    }
}

/// <summary>Something may have happened to a tutor's account at Stripe.</summary>
sealed record LookAtAccount(string AccountId);

sealed class LookAtAccountHandler(StripeApi stripe) : IHandleOutsideCalls<LookAtAccount>
{
    public async Task Handle(LookAtAccount message, IMessageHandlerContext context)
    {
        var account = await stripe.GetAccount(message.AccountId, context.CancellationToken);
        if (account.TutorId is not null)
            await context.SendLocal(new RecordAccount(account, Guid.Parse(account.TutorId), null, CallId: null, context.Now));
    }
}

/// <summary>
/// Local: Stripe has said where a tutor's account is. An account goes back and forth between enabled and restricted, so what was asked last counts, whatever arrives last:
/// each change brings an event, and with it a question that is asked after the change.
/// </summary>
sealed record RecordAccount(ConnectedAccount? Account, Guid TutorId, string? Code, string? CallId, DateTimeOffset AskedAt);

sealed class RecordAccountHandler : IHandleMessages<RecordAccount>
{
    public async Task Handle(RecordAccount message, IMessageHandlerContext context)
    {
        if (message.CallId is not null && !await context.SettleCall(message.CallId, message.Code ?? "done"))
            return;
        if (message.Account is not { } account)
        {
            // Stripe does not serve that country, most likely: another one may be tried.
            await context.FileException("call_refused", message.CallId!, $"Stripe refused to open an account for tutor {message.TutorId}: {message.Code}.");
            await context.Db.ExecuteAsync(
                "UPDATE payments.tutor_account SET country = NULL, requirements = ARRAY['country'] WHERE tutor_id = @TutorId", new { message.TutorId });
            return;
        }

        var before = await TutorFunds.Lock(context.Db, message.TutorId, context.Now);
        if (before.LookedAt > message.AskedAt.UtcDateTime)
            return;

        await context.Db.ExecuteAsync(
            """
            UPDATE payments.tutor_account
            SET stripe_account_id = @AccountId, details_submitted = @DetailsSubmitted, payouts_enabled = @PayoutsEnabled, requirements = @Requirements, looked_at = @AskedAt
            WHERE tutor_id = @TutorId
            """, new { account.AccountId, account.DetailsSubmitted, account.PayoutsEnabled, account.Requirements, message.AskedAt, message.TutorId });
        if ((before.DetailsSubmitted, before.PayoutsEnabled) != (account.DetailsSubmitted, account.PayoutsEnabled))
            await context.Publish(new TutorAccountChanged(message.TutorId, account.PayoutsEnabled, account.DetailsSubmitted, context.Now));
        if (account.PayoutsEnabled && !before.PayoutsEnabled)
            await context.SendLocal(new TransferWaitingEarnings(message.TutorId, null));
    }
}

/// <summary>Local: a tutor can receive money now, or more than before; what has waited is transferred, purchase by purchase, in pages.</summary>
sealed record TransferWaitingEarnings(Guid TutorId, Guid? After);

sealed class TransferWaitingEarningsHandler : IHandleMessages<TransferWaitingEarnings>
{
    const int Chunk = 500;

    public async Task Handle(TransferWaitingEarnings message, IMessageHandlerContext context)
    {
        var waiting = (await context.Db.QueryAsync<(Guid PurchaseId, string Currency)>(
            """
            SELECT p.purchase_id, p.currency
            FROM payments.purchase p
            WHERE p.tutor_id = @TutorId AND (@After::uuid IS NULL OR p.purchase_id > @After)
              AND p.released_minor > COALESCE((
                SELECT sum(amount_minor - reversed_minor - reversing_minor)
                FROM payments.transfer t
                WHERE t.purchase_id = p.purchase_id AND t.status <> 'refused'), 0)
            ORDER BY purchase_id
            LIMIT @Chunk
            """, new { message.TutorId, message.After, Chunk })).AsList();
        foreach (var (purchaseId, currency) in waiting)
            await context.SendLocal(new TransferEarnings(message.TutorId, currency, purchaseId));
        if (waiting.Count == Chunk)
            await context.SendLocal(message with { After = waiting[^1].PurchaseId });
    }
}
