namespace EdTech.Contracts.Payments;

/// <summary>Where a purchase is in its life.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<PurchaseStatus>))]
public enum PurchaseStatus
{
    /// <summary>Accepted; the payer has not paid.</summary>
    AwaitingPayment,

    /// <summary>The bank wants to hear from the payer (3-D Secure).</summary>
    RequiresAction,

    /// <summary>The bank is at it; with some methods for days.</summary>
    Processing,

    /// <summary>The money is there; the enrolment or the lessons are not all.</summary>
    Paid,

    /// <summary>Delivered.</summary>
    Fulfilled,

    /// <summary>All money went back.</summary>
    Refunded,

    /// <summary>The payer's bank disputes it.</summary>
    Disputed,

    /// <summary>The bank decided for the payer.</summary>
    ChargedBack,

    /// <summary>Ended unpaid: time ran out.</summary>
    Expired,

    /// <summary>Ended unpaid: the payer gave up.</summary>
    Cancelled,
}

/// <summary>A quote, for its payer.</summary>
/// <param name="QuoteId">What <c>POST /v1/purchases</c> names.</param>
/// <param name="Kind">Course or lessons.</param>
/// <param name="ItemId">The course or lesson offer.</param>
/// <param name="Title">As it will stand on the receipt.</param>
/// <param name="Lessons">Lessons in the package; 1 for a course.</param>
/// <param name="ListPrice">Before the coupon.</param>
/// <param name="Price">What is to be paid.</param>
/// <param name="PlatformFee">Of the price for the platform.</param>
/// <param name="TutorShare">Of the price for the tutor; fee and share add up to the price.</param>
/// <param name="FeeBasisPoints">The agreed fee, hundredths of a percent.</param>
/// <param name="Coupon">The code that was used, or null.</param>
/// <param name="ExpiresAt">Until when it can be purchased.</param>
public sealed record QuoteView(Guid QuoteId, PurchaseKind Kind, Guid ItemId, string Title, int Lessons, Money ListPrice, Money Price, Money PlatformFee, Money TutorShare, int FeeBasisPoints, string? Coupon, DateTimeOffset ExpiresAt);

/// <summary>A purchase, for its payer, its tutor (without what is between payer and bank) and support.</summary>
/// <param name="PurchaseId">Which purchase.</param>
/// <param name="Kind">Course or lessons.</param>
/// <param name="ItemId">The course or lesson offer.</param>
/// <param name="Title">As on the receipt.</param>
/// <param name="PayerId">Who pays.</param>
/// <param name="TutorId">Whose item it is.</param>
/// <param name="Status">Where it is.</param>
/// <param name="Price">What is to be paid, or was.</param>
/// <param name="PlatformFee">Of the price for the platform.</param>
/// <param name="TutorShare">Of the price for the tutor.</param>
/// <param name="Refunded">What went back so far.</param>
/// <param name="Refundable">What its payer could still ask back by himself at this moment.</param>
/// <param name="Lessons">Lessons in the package; 1 for a course.</param>
/// <param name="LessonsConfirmed">How many were given.</param>
/// <param name="LastDecline">Stripe's code of the last failed attempt, <c>card_declined</c> and the like; null when none failed or for others than payer and support.</param>
/// <param name="StartedAt">When it was accepted.</param>
/// <param name="PaidAt">When the money was there, or null.</param>
/// <param name="Version">Its number of events.</param>
public sealed record PurchaseView(Guid PurchaseId, PurchaseKind Kind, Guid ItemId, string Title, Guid PayerId, Guid TutorId, PurchaseStatus Status, Money Price, Money PlatformFee, Money TutorShare, Money Refunded, Money Refundable, int Lessons, int LessonsConfirmed, string? LastDecline, DateTimeOffset StartedAt, DateTimeOffset? PaidAt, long Version);

/// <summary>What the payer's browser needs to pay with Stripe's own form; never card data, which goes to Stripe alone.</summary>
/// <param name="PurchaseId">Which purchase.</param>
/// <param name="Status">Stripe's word for the state of the payment: <c>requires_payment_method</c>, <c>requires_action</c>, <c>processing</c>, <c>succeeded</c>, <c>canceled</c>.</param>
/// <param name="ClientSecret">For Stripe.js with the publishable key; null once it is paid or ended.</param>
/// <param name="PublishableKey">Stripe's public key of this platform.</param>
/// <param name="StripeApi">Where Stripe is: https://api.stripe.com, or the simulator's address.</param>
/// <param name="NextActionUrl">Where the bank wants to see the payer, when it does.</param>
public sealed record PaymentView(Guid PurchaseId, string Status, string? ClientSecret, string PublishableKey, Uri StripeApi, Uri? NextActionUrl);

/// <summary>One thing that happened to a purchase.</summary>
/// <param name="Version">Counts from 1.</param>
/// <param name="What">The event's name: <c>captured</c>, <c>refundRequested</c>, ...</param>
/// <param name="Amount">When money is concerned.</param>
/// <param name="Code">A reason or decline code, when there is one.</param>
/// <param name="At">When.</param>
public sealed record PurchaseHistoryEntry(long Version, string What, Money? Amount, string? Code, DateTimeOffset At);

/// <summary>Lessons that a tutor offers.</summary>
public sealed record LessonOfferView(Guid OfferId, Guid TutorId, string Title, int Lessons, Money Price, bool Withdrawn);

/// <summary>A coupon, for who made it.</summary>
public sealed record CouponView(Guid CouponId, string Code, bool Platform, int PercentOff, Guid? ItemId, int MaxUses, int Uses, DateTimeOffset ExpiresAt, bool Retired);

/// <summary>What a receipt says. The payer's name is read from the account when the receipt is shown, it is not stored here.</summary>
/// <param name="Number">Counts up without gaps per year: <c>2026-000042</c>.</param>
/// <param name="PurchaseId">Which purchase.</param>
/// <param name="Title">What was bought.</param>
/// <param name="Lessons">Lessons in the package; 1 for a course.</param>
/// <param name="Paid">What was paid.</param>
/// <param name="Refunded">What went back so far.</param>
/// <param name="PaidAt">When.</param>
public sealed record ReceiptView(string Number, Guid PurchaseId, string Title, int Lessons, Money Paid, Money Refunded, DateTimeOffset PaidAt);
