using System.Text.Json.Serialization;
using EdTech.Contracts.Payments;

namespace EdTech.Payments;

/// <summary>What can happen to a purchase, as it is stored for good: names and meanings stay, new ones are added. Amounts are minor units of the purchase's currency.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(IntentOpened), "intentOpened")]
[JsonDerivedType(typeof(StatusSeen), "statusSeen")]
[JsonDerivedType(typeof(Captured), "captured")]
[JsonDerivedType(typeof(Ended), "ended")]
[JsonDerivedType(typeof(Enrolled), "enrolled")]
[JsonDerivedType(typeof(EnrolmentDenied), "enrolmentDenied")]
[JsonDerivedType(typeof(LessonGiven), "lessonConfirmed")]
[JsonDerivedType(typeof(RefundAsked), "refundRequested")]
[JsonDerivedType(typeof(RefundMade), "refundSucceeded")]
[JsonDerivedType(typeof(RefundBounced), "refundFailed")]
[JsonDerivedType(typeof(DisputeBegun), "disputeOpened")]
[JsonDerivedType(typeof(DisputeWon), "disputeWon")]
[JsonDerivedType(typeof(DisputeLost), "disputeLost")]
abstract record PurchaseEvent
{
    public sealed record Started(PurchaseKind Kind, Guid ItemId, Guid PayerId, Guid TutorId, string Title, int Lessons, long Price, long Fee, string Currency, Guid QuoteId, DateTimeOffset At) : PurchaseEvent;

    public sealed record IntentOpened(string IntentId) : PurchaseEvent;

    /// <summary>Stripe's word for where an unpaid payment is, and why the last try failed.</summary>
    public sealed record StatusSeen(string Status, string? Decline) : PurchaseEvent;

    /// <summary>The money is there. <paramref name="StripeFee"/> is what Stripe kept of it.</summary>
    public sealed record Captured(string? ChargeId, long Amount, long StripeFee, DateTimeOffset At) : PurchaseEvent;

    /// <summary><paramref name="Code"/>: <c>expired</c>, <c>cancelled</c>, <c>refused</c>.</summary>
    public sealed record Ended(string Code) : PurchaseEvent;

    public sealed record Enrolled(Guid EnrolmentId) : PurchaseEvent;

    public sealed record EnrolmentDenied(string Code) : PurchaseEvent;

    public sealed record LessonGiven(int Lesson) : PurchaseEvent;

    /// <summary><paramref name="Lessons"/>: how many of the lessons not given yet it takes away.</summary>
    public sealed record RefundAsked(Guid RefundId, long Amount, int Lessons, string Reason) : PurchaseEvent;

    public sealed record RefundMade(Guid RefundId, string StripeRefundId) : PurchaseEvent;

    /// <summary>Stripe refused it, or the bank sent it back later.</summary>
    public sealed record RefundBounced(Guid RefundId, string Code) : PurchaseEvent;

    public sealed record DisputeBegun(string DisputeId, long Amount, long Fee) : PurchaseEvent;

    /// <summary><paramref name="FeeReturned"/>: of the dispute's fee, what Stripe gave back.</summary>
    public sealed record DisputeWon(string DisputeId, long FeeReturned) : PurchaseEvent;

    public sealed record DisputeLost(string DisputeId) : PurchaseEvent;
}

/// <summary>Stored JSON of purchases. PostgreSQL's jsonb orders names its own way, so the discriminator may stand anywhere.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowOutOfOrderMetadataProperties = true, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PurchaseEvent))]
[JsonSerializable(typeof(Purchase))]
sealed partial class PurchaseJson : JsonSerializerContext;
