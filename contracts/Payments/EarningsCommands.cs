namespace EdTech.Contracts.Payments;

/// <summary>Opens the tutor's account at Stripe (Connect, Express). Repeating it changes nothing; the link to Stripe's form is asked for apart, it expires.</summary>
/// <param name="By">The tutor.</param>
/// <param name="Country">Where the tutor does business, ISO 3166-1 alpha-2; cannot be changed later.</param>
public sealed record OnboardTutor(Actor By, string Country) : ICommand;

/// <summary>How often a tutor is paid out.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<PayoutInterval>))]
public enum PayoutInterval
{
    /// <summary>Every day.</summary>
    Daily,

    /// <summary>Mondays.</summary>
    Weekly,

    /// <summary>The first day of a month.</summary>
    Monthly,

    /// <summary>Only when asked for.</summary>
    Manual,
}

/// <summary>Changes when and from which amount on the tutor is paid out. The gateway asks for a recent sign-in or second factor before it sends this.</summary>
/// <param name="By">The tutor.</param>
/// <param name="Interval">How often.</param>
/// <param name="MinimumMinorUnits">No payout below this amount, in each currency's minor units; at least 0.</param>
/// <param name="IfVersion">Refused as stale unless the settings are at this version; null whatever the version.</param>
public sealed record ChangePayoutSettings(Actor By, PayoutInterval Interval, long MinimumMinorUnits, long? IfVersion) : ICommand;

/// <summary>Pays out now what may be paid out in this currency. Needs the same recent proof as the settings.</summary>
public sealed record RequestPayout(Actor By, Guid PayoutId, string Currency) : ICommand;

/// <summary>Starts the payouts that are due on a day (UTC). Sent by the clock; a second one for the same day pays nobody twice.</summary>
public sealed record SchedulePayouts(Actor By, DateOnly Day) : ICommand;

/// <summary>Sets the platform's fee from a moment on, for everybody or for one tutor. What was quoted before keeps its fee. Needs <c>payments.admin</c>.</summary>
/// <param name="By">Who decides.</param>
/// <param name="FeeScheduleId">The new entry; entries are only ever added.</param>
/// <param name="TutorId">The tutor with whom it was agreed; null for the default.</param>
/// <param name="BasisPoints">Hundredths of a percent: 2000 is 20 %. 0 to 10,000.</param>
/// <param name="EffectiveFrom">Not in the past.</param>
public sealed record SetFee(Actor By, Guid FeeScheduleId, Guid? TutorId, int BasisPoints, DateTimeOffset EffectiveFrom) : ICommand;

/// <summary>
/// Adds to a dispute's evidence and hands it in, which can be done once. What the platform knows (purchase, enrolment, lessons) is laid out when the dispute opens, and handed in
/// after four days if nobody does. Needs <c>payments.support</c>.
/// </summary>
/// <param name="By">Support.</param>
/// <param name="DisputeId">Stripe's id, <c>dp_...</c>.</param>
/// <param name="Text">1 to 20,000 characters.</param>
public sealed record SubmitDisputeEvidence(Actor By, string DisputeId, string Text) : ICommand;

/// <summary>Compares the ledger with Stripe's balance transactions of a day (UTC) and files what differs. Repeating it for a day is harmless.</summary>
public sealed record ReconcileDay(Actor By, DateOnly Day) : ICommand;

/// <summary>Closes an entry of the exceptions queue. Needs <c>payments.support</c>.</summary>
/// <param name="By">Support.</param>
/// <param name="ExceptionId">The entry.</param>
/// <param name="Resolution">What was found and done, 1 to 2,000 characters.</param>
public sealed record ResolveException(Actor By, Guid ExceptionId, string Resolution) : ICommand;

/// <summary>
/// Rebuilds purchases from their events and balances from their postings beside the live ones, and compares: replies <see cref="RebuildOutcome"/>. What differs is
/// replaced by what was rebuilt. Needs <c>payments.admin</c>.
/// </summary>
public sealed record RebuildPayments(Actor By) : ICommand;

/// <summary>What a rebuild found.</summary>
/// <param name="Purchases">Purchases replayed.</param>
/// <param name="Events">Events replayed.</param>
/// <param name="Balances">Balances summed.</param>
/// <param name="Postings">Postings summed.</param>
/// <param name="Differences">Purchases and balances that were not equal before; 0 unless something is wrong.</param>
public sealed record RebuildOutcome(long Purchases, long Events, long Balances, long Postings, long Differences);
