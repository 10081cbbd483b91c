namespace EdTech.Contracts.Payments;

/// <summary>A tutor's account at Stripe, as far as it concerns the platform.</summary>
/// <param name="Open">Whether it exists at Stripe.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="DetailsSubmitted">Whether Stripe's form was filled in.</param>
/// <param name="PayoutsEnabled">Whether money can be transferred and paid out.</param>
/// <param name="Requirements">What Stripe still asks for, in its own words; at most 50.</param>
/// <param name="Interval">How often payouts are made.</param>
/// <param name="MinimumMinorUnits">No payout below this.</param>
/// <param name="Version">Of the settings, for <c>If-Match</c>.</param>
public sealed record PayoutAccountView(bool Open, string? Country, bool DetailsSubmitted, bool PayoutsEnabled, IReadOnlyList<string> Requirements, PayoutInterval Interval, long MinimumMinorUnits, long Version);

/// <summary>A link to Stripe's own form; opens once and expires after minutes.</summary>
public sealed record OnboardingLink(Uri Url, DateTimeOffset ExpiresAt);

/// <summary>What a tutor has earned in one currency.</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Held">Paid by learners, not delivered yet: not the tutor's so far. The tutor's share of it.</param>
/// <param name="Balance">Earned and not paid out; below 0 when refunds came after the payout, and then made up by what is earned next.</param>
/// <param name="AtStripe">Of the balance, what is in the tutor's own account at Stripe already.</param>
/// <param name="Reserve">Of the balance, what is kept back against refunds for the time being.</param>
/// <param name="Available">What a payout made now would send.</param>
/// <param name="PaidOut">All that ever left for the bank.</param>
public sealed record BalanceView(string Currency, Money Held, Money Balance, Money AtStripe, Money Reserve, Money Available, Money PaidOut);

/// <summary>A tutor's balances.</summary>
public sealed record EarningsView(IReadOnlyList<BalanceView> Balances);

/// <summary>One movement of a tutor's balance.</summary>
/// <param name="At">When it was posted.</param>
/// <param name="What">The posting's kind: <c>fulfilled</c>, <c>lessonConfirmed</c>, <c>refundSucceeded</c>, <c>payout</c>, ...</param>
/// <param name="PurchaseId">The purchase, where there is one.</param>
/// <param name="Amount">Positive raises the balance.</param>
/// <param name="Balance">Afterwards.</param>
public sealed record StatementLine(DateTimeOffset At, string What, Guid? PurchaseId, Money Amount, Money Balance);

/// <summary>A tutor's balance over a time.</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="From">First day, UTC.</param>
/// <param name="To">Last day, UTC.</param>
/// <param name="Opening">Before the first day.</param>
/// <param name="Closing">After the last day.</param>
/// <param name="Lines">Oldest first; one page of them.</param>
/// <param name="Next">Cursor of the following page; null on the last one.</param>
public sealed record StatementView(string Currency, DateOnly From, DateOnly To, Money Opening, Money Closing, IReadOnlyList<StatementLine> Lines, string? Next);

/// <summary>A payout to a tutor's bank.</summary>
/// <param name="PayoutId">Which payout.</param>
/// <param name="Amount">How much.</param>
/// <param name="Status"><c>pending</c>, <c>sent</c>, <c>paid</c>, <c>failed</c>.</param>
/// <param name="FailureCode">Stripe's, when it failed.</param>
/// <param name="CreatedAt">When it was decided.</param>
/// <param name="ArrivesAt">When the bank is expected to have it; null until Stripe says.</param>
public sealed record PayoutView(Guid PayoutId, Money Amount, string Status, string? FailureCode, DateTimeOffset CreatedAt, DateTimeOffset? ArrivesAt);

/// <summary>A tutor's year in one currency and quarter, as DAC7 (EU 2021/514) and US 1099-K ask for it.</summary>
/// <param name="Quarter">1 to 4.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Activities">Purchases that were paid.</param>
/// <param name="Consideration">What learners paid for what was credited in the quarter, without what went back: fees and earnings together.</param>
/// <param name="Fees">Of it kept by the platform.</param>
/// <param name="Earned">Of it for the tutor.</param>
public sealed record TaxQuarter(int Quarter, string Currency, int Activities, Money Consideration, Money Fees, Money Earned);

/// <summary>A tutor's tax report of a year.</summary>
public sealed record TaxReportView(Guid TutorId, int Year, IReadOnlyList<TaxQuarter> Quarters);

/// <summary>The platform's month in one currency, by day of posting (UTC).</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Gmv">Gross merchandise value: all that was captured.</param>
/// <param name="Fees">Platform fees earned, before Stripe's.</param>
/// <param name="StripeFees">What Stripe took.</param>
/// <param name="Refunds">What went back.</param>
/// <param name="ChargedBack">Lost disputes.</param>
/// <param name="DeferredRevenue">Held at the end of the month for what was not delivered yet.</param>
/// <param name="TutorBalances">Owed to tutors at the end of the month.</param>
/// <param name="PaidOut">Payouts of the month.</param>
/// <param name="Purchases">Purchases paid in the month.</param>
public sealed record PlatformMonth(string Currency, Money Gmv, Money Fees, Money StripeFees, Money Refunds, Money ChargedBack, Money DeferredRevenue, Money TutorBalances, Money PaidOut, int Purchases);

/// <summary>The platform's report of a month.</summary>
public sealed record PlatformReportView(int Year, int Month, IReadOnlyList<PlatformMonth> Currencies);

/// <summary>A fee, from a moment on.</summary>
public sealed record FeeScheduleView(Guid FeeScheduleId, Guid? TutorId, int BasisPoints, DateTimeOffset EffectiveFrom, Guid SetBy, DateTimeOffset SetAt);

/// <summary>A dispute, for support.</summary>
/// <param name="DisputeId">Stripe's id.</param>
/// <param name="PurchaseId">What is disputed.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reason">Stripe's word: <c>fraudulent</c>, <c>product_not_received</c>, ...</param>
/// <param name="Status"><c>needs_response</c>, <c>under_review</c>, <c>won</c>, <c>lost</c>.</param>
/// <param name="EvidenceDueBy">Until when evidence can be handed in.</param>
/// <param name="EvidenceSubmittedAt">When it was, last.</param>
/// <param name="OpenedAt">When.</param>
public sealed record DisputeView(string DisputeId, Guid PurchaseId, Money Amount, string Reason, string Status, DateTimeOffset? EvidenceDueBy, DateTimeOffset? EvidenceSubmittedAt, DateTimeOffset OpenedAt);

/// <summary>Something that a person has to look at: ledger and Stripe differ, or a call has no known outcome for too long.</summary>
/// <param name="ExceptionId">Which entry.</param>
/// <param name="Kind"><c>missing_in_ledger</c>, <c>missing_at_stripe</c>, <c>amount_differs</c>, <c>call_refused</c>, <c>outcome_unknown</c>, <c>settlement_currency</c>.</param>
/// <param name="Reference">The Stripe object or call that it is about.</param>
/// <param name="Details">What was expected and what was found; no personal data.</param>
/// <param name="FoundAt">When.</param>
/// <param name="Resolution">What came of it; null while open.</param>
public sealed record ExceptionView(Guid ExceptionId, string Kind, string Reference, string Details, DateTimeOffset FoundAt, string? Resolution);

/// <summary>One day's comparison of ledger and Stripe, which an auditor can run again.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="StripeTransactions">Balance transactions of the day at Stripe.</param>
/// <param name="StripeNet">Their net sum.</param>
/// <param name="LedgerNet">What the ledger moved on the Stripe account for the same objects.</param>
/// <param name="Exceptions">Entries filed for that day, resolved or not.</param>
public sealed record ReconciliationView(DateOnly Day, string Currency, int StripeTransactions, Money StripeNet, Money LedgerNet, int Exceptions);
