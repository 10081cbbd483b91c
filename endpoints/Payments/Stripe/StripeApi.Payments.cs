using EdTech.Contracts;
using Stripe;

namespace EdTech.Payments;

/// <summary>Where Stripe says a payment is. <see cref="Fee"/> is null while Stripe has not booked the charge yet.</summary>
sealed record IntentState(string IntentId, string Status, string? Decline, string? ChargeId, long Received, long? Fee, string? SettledIn);

/// <summary>Where Stripe says a refund is.</summary>
sealed record StripeRefund(string StripeRefundId, string IntentId, string? RefundId, string Status, long Amount, string? FailureCode);

/// <summary>Where Stripe says a dispute is; amounts as they were booked, zero for an inquiry that took nothing.</summary>
sealed record DisputeState(string DisputeId, string IntentId, string Status, string Reason, long Amount, string Currency, long Withdrawn, long Fee, long FeeReturned, DateTimeOffset OpenedAt, DateTimeOffset? EvidenceDueBy);

/// <summary>What is handed in against a dispute.</summary>
sealed record DisputeEvidence(string ProductDescription, string ServiceDate, string AccessLog, string RefundPolicy, string? Text);

sealed partial class StripeApi
{
    static readonly List<string> Booked = ["latest_charge.balance_transaction"];

    /// <summary>Metadata name under which every object that we create carries the call that created it.</summary>
    const string CallIdKey = "call_id";

    /// <summary>The payer at Stripe: an id and nothing personal.</summary>
    public async Task<string> CreateCustomer(Guid payerId, CancellationToken ct)
        => (await Ask(() => _client.V1.Customers.CreateAsync(
            new CustomerCreateOptions { Metadata = new() { ["payer_id"] = payerId.ToString() } },
            Key($"customer/{payerId}"),
            ct))).Id;

    /// <summary>Opens the payment of a purchase. Which cards and methods are offered is set in Stripe's dashboard; 3-D Secure is asked for where the bank wants it.</summary>
    public async Task<IntentState> OpenIntent(Purchase purchase, string customerId, string callId, bool lookFirst, CancellationToken ct)
    {
        if (lookFirst && await Find(_client.V1.PaymentIntents.ListAutoPagingAsync(new PaymentIntentListOptions { Customer = customerId, Limit = 100, Expand = ["data.latest_charge.balance_transaction"] }, cancellationToken: ct), i => i.Metadata, callId) is { } found)
            return StateOf(found);
        return StateOf(await Ask(() => _client.V1.PaymentIntents.CreateAsync(
            new PaymentIntentCreateOptions
            {
                Amount = StripeAmounts.ToStripe(new Money(purchase.Price, purchase.Currency)),
                Currency = Lower(purchase.Currency),
                Customer = customerId,
                Description = purchase.Title,
                TransferGroup = purchase.Id.ToString(),
                AutomaticPaymentMethods = new() { Enabled = true },
                Metadata = new() { [CallIdKey] = callId, ["purchase_id"] = purchase.Id.ToString() },
                Expand = Booked,
            },
            Key(callId),
            ct)));
    }

    public async Task<IntentState> GetIntent(string intentId, CancellationToken ct)
        => StateOf(await Ask(() => _client.V1.PaymentIntents.GetAsync(intentId, new PaymentIntentGetOptions { Expand = Booked }, cancellationToken: ct)));

    /// <summary>What the payer's browser needs; asked for each time, because the secret is stored nowhere.</summary>
    public async Task<(string Status, string ClientSecret, Uri? NextAction)> GetClientSecret(string intentId, CancellationToken ct)
    {
        var intent = await Ask(() => _client.V1.PaymentIntents.GetAsync(intentId, cancellationToken: ct));
        var url = intent.NextAction?.RedirectToUrl?.Url;
        return (intent.Status, intent.ClientSecret, url is null ? null : new Uri(url));
    }

    /// <summary>Cancels, where that is still possible, and tells where the payment is then: a payment that has succeeded meanwhile stays succeeded.</summary>
    public async Task<IntentState> CancelIntent(string intentId, string callId, CancellationToken ct)
    {
        try
        {
            return StateOf(await Ask(() => _client.V1.PaymentIntents.CancelAsync(intentId, new PaymentIntentCancelOptions { CancellationReason = "abandoned", Expand = Booked }, Key(callId), ct)));
        }
        catch (StripeRefusal refusal) when (refusal.Code == "payment_intent_unexpected_state")
        {
            return await GetIntent(intentId, ct);
        }
    }

    public async Task<StripeRefund> CreateRefund(Guid refundId, string intentId, Money amount, string callId, bool lookFirst, CancellationToken ct)
    {
        if (lookFirst && await Find(_client.V1.Refunds.ListAutoPagingAsync(new RefundListOptions { PaymentIntent = intentId, Limit = 100 }, cancellationToken: ct), r => r.Metadata, callId) is { } found)
            return StateOf(found);
        return StateOf(await Ask(() => _client.V1.Refunds.CreateAsync(
            new RefundCreateOptions
            {
                PaymentIntent = intentId,
                Amount = StripeAmounts.ToStripe(amount),
                Metadata = new() { [CallIdKey] = callId, ["refund_id"] = refundId.ToString() },
            },
            Key(callId),
            ct)));
    }

    public async Task<StripeRefund> GetRefund(string stripeRefundId, CancellationToken ct)
        => StateOf(await Ask(() => _client.V1.Refunds.GetAsync(stripeRefundId, cancellationToken: ct)));

    public async Task<DisputeState> GetDispute(string disputeId, CancellationToken ct)
        => StateOf(await Ask(() => _client.V1.Disputes.GetAsync(disputeId, cancellationToken: ct)));

    public async Task<DisputeState> HandInEvidence(string disputeId, DisputeEvidence evidence, bool submit, string callId, CancellationToken ct)
        => StateOf(await Ask(() => _client.V1.Disputes.UpdateAsync(
            disputeId,
            new DisputeUpdateOptions
            {
                Evidence = new()
                {
                    ProductDescription = evidence.ProductDescription,
                    ServiceDate = evidence.ServiceDate,
                    AccessActivityLog = evidence.AccessLog,
                    RefundPolicyDisclosure = evidence.RefundPolicy,
                    UncategorizedText = evidence.Text,
                },
                Submit = submit,
            },
            Key(callId),
            ct)));

    /// <summary>Events that Stripe has made since then, oldest first; at most <paramref name="limit"/>. For webhooks that never came.</summary>
    public async Task<IReadOnlyList<Event>> ListEvents(DateTimeOffset since, int limit, CancellationToken ct)
    {
        var events = new List<Event>();
        await foreach (var e in _client.V1.Events.ListAutoPagingAsync(new EventListOptions { Created = new DateRangeOptions { GreaterThanOrEqual = since.UtcDateTime }, Limit = 100 }, cancellationToken: ct))
        {
            events.Add(e);
            if (events.Count == limit)
                break;
        }

        events.Reverse();
        return events;
    }

    /// <summary>Every movement of the platform's Stripe balance in a time, from Stripe's own books.</summary>
    public async IAsyncEnumerable<StripeTransaction> ListTransactions(DateTimeOffset from, DateTimeOffset before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var options = new BalanceTransactionListOptions { Created = new DateRangeOptions { GreaterThanOrEqual = from.UtcDateTime, LessThan = before.UtcDateTime }, Limit = 100 };
        await foreach (var t in _client.V1.BalanceTransactions.ListAutoPagingAsync(options, cancellationToken: ct))
        {
            var net = StripeAmounts.FromStripe(t.Net, t.Currency);
            yield return new(t.Id, t.SourceId, t.Type, net.Currency, net.MinorUnits, new DateTimeOffset(t.Created, TimeSpan.Zero));
        }
    }

    /// <summary>The signed event in a webhook's body. The signature must be at most five minutes old.</summary>
    /// <exception cref="StripeException">It is not signed by Stripe for us, or too old.</exception>
    public Event ReadWebhook(string body, string signature, DateTimeOffset now)
        => EventUtility.ConstructEvent(body, signature, settings.WebhookSecret, 300, now.ToUnixTimeSeconds(), throwOnApiVersionMismatch: false);

    static IntentState StateOf(PaymentIntent intent)
    {
        var booked = intent.LatestCharge?.BalanceTransaction;
        var currency = intent.Currency.ToUpperInvariant();
        return new(
            intent.Id,
            intent.Status,
            intent.LastPaymentError is { } error ? error.DeclineCode ?? error.Code : null,
            intent.LatestChargeId,
            StripeAmounts.FromStripe(intent.AmountReceived, currency).MinorUnits,
            booked is null ? null : StripeAmounts.FromStripe(booked.Fee, booked.Currency).MinorUnits,
            booked?.Currency.ToUpperInvariant());
    }

    static StripeRefund StateOf(Stripe.Refund refund)
        => new(refund.Id, refund.PaymentIntentId, refund.Metadata?.GetValueOrDefault("refund_id"), refund.Status, StripeAmounts.FromStripe(refund.Amount, refund.Currency).MinorUnits, refund.FailureReason);

    static DisputeState StateOf(Dispute dispute)
    {
        var currency = dispute.Currency.ToUpperInvariant();
        var booked = dispute.BalanceTransactions ?? [];
        return new(
            dispute.Id,
            dispute.PaymentIntentId,
            dispute.Status,
            dispute.Reason,
            StripeAmounts.FromStripe(dispute.Amount, currency).MinorUnits,
            currency,
            StripeAmounts.FromStripe(-booked.Where(b => b.Amount < 0).Sum(b => b.Amount), currency).MinorUnits,
            StripeAmounts.FromStripe(booked.Where(b => b.Fee > 0).Sum(b => b.Fee), currency).MinorUnits,
            StripeAmounts.FromStripe(-booked.Where(b => b.Fee < 0).Sum(b => b.Fee), currency).MinorUnits,
            new DateTimeOffset(dispute.Created, TimeSpan.Zero),
            dispute.EvidenceDetails?.DueBy is { } due ? new DateTimeOffset(due, TimeSpan.Zero) : null);
    }

    /// <summary>The object that an earlier try of the same call has made, if it has.</summary>
    static async Task<T?> Find<T>(IAsyncEnumerable<T> objects, Func<T, Dictionary<string, string>?> metadata, string callId)
        where T : class
    {
        await foreach (var candidate in objects)
        {
            if (metadata(candidate)?.GetValueOrDefault(CallIdKey) == callId)
                return candidate;
        }

        return null;
    }

    static string Lower(string currency) => currency.ToLowerInvariant();
}
