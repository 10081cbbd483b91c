using EdTech.Contracts;
using Stripe;

namespace EdTech.Payments;

/// <summary>Where Stripe says a tutor's account is.</summary>
sealed record ConnectedAccount(string AccountId, string? TutorId, bool DetailsSubmitted, bool PayoutsEnabled, string[] Requirements);

/// <summary>Where Stripe says a payout is.</summary>
sealed record StripePayout(string PayoutId, string? OurId, string Status, string? FailureCode, DateTimeOffset ArrivesAt);

sealed partial class StripeApi
{
    const string TutorIdKey = "tutor_id";

    /// <summary>Opens an Express account: Stripe asks the tutor for everything personal, we hold its id.</summary>
    public async Task<ConnectedAccount> CreateAccount(Guid tutorId, string country, string callId, bool lookFirst, CancellationToken ct)
    {
        if (lookFirst && await Find(_client.V1.Accounts.ListAutoPagingAsync(new AccountListOptions { Limit = 100 }, cancellationToken: ct), a => a.Metadata, callId) is { } found)
            return StateOf(found);
        return StateOf(await Ask(() => _client.V1.Accounts.CreateAsync(
            new AccountCreateOptions
            {
                Type = "express",
                Country = country,
                Capabilities = new() { Transfers = new() { Requested = true } },
                // We decide when payouts are made: schedule, minimum and reserve are ours.
                Settings = new() { Payouts = new() { Schedule = new() { Interval = "manual" } } },
                Metadata = new() { [CallIdKey] = callId, [TutorIdKey] = tutorId.ToString() },
            },
            Key(callId),
            ct)));
    }

    public async Task<ConnectedAccount> GetAccount(string accountId, CancellationToken ct)
        => StateOf(await Ask(() => _client.V1.Accounts.GetAsync(accountId, cancellationToken: ct)));

    /// <summary>A link to Stripe's own form. It opens once and expires within minutes, so it is made anew each time and stored nowhere.</summary>
    public async Task<OnboardingForm> CreateOnboardingLink(string accountId, string returnUrl, CancellationToken ct)
    {
        var link = await Ask(() => _client.V1.AccountLinks.CreateAsync(
            new AccountLinkCreateOptions { Account = accountId, Type = "account_onboarding", ReturnUrl = returnUrl, RefreshUrl = returnUrl },
            cancellationToken: ct));
        return new(new Uri(link.Url), new DateTimeOffset(link.ExpiresAt, TimeSpan.Zero));
    }

    /// <summary>Moves a share out of one charge: Stripe makes it available when the charge is, whatever the platform's balance is by then.</summary>
    /// <returns>Stripe's id of the transfer.</returns>
    public async Task<string> CreateTransfer(Guid purchaseId, string accountId, string chargeId, Money amount, string callId, bool lookFirst, CancellationToken ct)
    {
        if (lookFirst && await Find(_client.V1.Transfers.ListAutoPagingAsync(new TransferListOptions { TransferGroup = purchaseId.ToString(), Limit = 100 }, cancellationToken: ct), t => t.Metadata, callId) is { } found)
            return found.Id;
        return (await Ask(() => _client.V1.Transfers.CreateAsync(
            new TransferCreateOptions
            {
                Amount = StripeAmounts.ToStripe(amount),
                Currency = Lower(amount.Currency),
                Destination = accountId,
                SourceTransaction = chargeId,
                TransferGroup = purchaseId.ToString(),
                Metadata = new() { [CallIdKey] = callId },
            },
            Key(callId),
            ct))).Id;
    }

    /// <returns>Stripe's id of the reversal.</returns>
    public async Task<string> ReverseTransfer(string transferId, Money amount, string callId, bool lookFirst, CancellationToken ct)
    {
        if (lookFirst && await Find(_client.V1.Transfers.Reversals.ListAutoPagingAsync(transferId, new TransferReversalListOptions { Limit = 100 }, cancellationToken: ct), r => r.Metadata, callId) is { } found)
            return found.Id;
        return (await Ask(() => _client.V1.Transfers.Reversals.CreateAsync(
            transferId,
            new TransferReversalCreateOptions { Amount = StripeAmounts.ToStripe(amount), Metadata = new() { [CallIdKey] = callId } },
            Key(callId),
            ct))).Id;
    }

    /// <summary>What lies in the tutor's account and has arrived: a card's money takes days.</summary>
    public async Task<long> GetAvailable(string accountId, string currency, CancellationToken ct)
    {
        var balance = await Ask(() => _client.V1.Balance.GetAsync(requestOptions: new RequestOptions { StripeAccount = accountId }, cancellationToken: ct));
        return balance.Available.Where(a => a.Currency == Lower(currency)).Sum(a => StripeAmounts.FromStripe(a.Amount, a.Currency).MinorUnits);
    }

    /// <summary>Pays out from the tutor's own account to the tutor's bank.</summary>
    public async Task<StripePayout> CreatePayout(Guid payoutId, string accountId, Money amount, string callId, bool lookFirst, CancellationToken ct)
    {
        var options = new RequestOptions { StripeAccount = accountId };
        if (lookFirst && await Find(_client.V1.Payouts.ListAutoPagingAsync(new PayoutListOptions { Limit = 100 }, options, ct), p => p.Metadata, callId) is { } found)
            return StateOf(found);
        return StateOf(await Ask(() => _client.V1.Payouts.CreateAsync(
            new PayoutCreateOptions
            {
                Amount = StripeAmounts.ToStripe(amount),
                Currency = Lower(amount.Currency),
                Metadata = new() { [CallIdKey] = callId, ["payout_id"] = payoutId.ToString() },
            },
            Key(callId, accountId),
            ct)));
    }

    public async Task<StripePayout> GetPayout(string accountId, string stripePayoutId, CancellationToken ct)
        => StateOf(await Ask(() => _client.V1.Payouts.GetAsync(stripePayoutId, requestOptions: new RequestOptions { StripeAccount = accountId }, cancellationToken: ct)));

    static ConnectedAccount StateOf(Account account)
        => new(
            account.Id,
            account.Metadata?.GetValueOrDefault(TutorIdKey),
            account.DetailsSubmitted,
            account.PayoutsEnabled && account.Capabilities?.Transfers == "active",
            [.. (account.Requirements?.CurrentlyDue ?? []).Take(50)]);

    static StripePayout StateOf(Payout payout)
        => new(payout.Id, payout.Metadata?.GetValueOrDefault("payout_id"), payout.Status, payout.FailureCode, new DateTimeOffset(payout.ArrivalDate, TimeSpan.Zero));
}

/// <summary>Where a tutor fills in Stripe's form, and until when.</summary>
sealed record OnboardingForm(Uri Url, DateTimeOffset ExpiresAt);
