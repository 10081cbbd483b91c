namespace EdTech.Contracts.Payments;

/// <summary>Somebody accepted a quote; nothing is paid yet.</summary>
public sealed record PurchaseStarted(Guid PurchaseId, PurchaseKind Kind, Guid ItemId, Guid PayerId, Guid TutorId, Money Price, DateTimeOffset At) : IEvent;

/// <summary>The money is there: once per purchase. A price of 0 (a coupon of 100 %) succeeds without Stripe.</summary>
/// <param name="PurchaseId">The purchase.</param>
/// <param name="Kind">What it buys.</param>
/// <param name="ItemId">The course or lesson offer.</param>
/// <param name="PayerId">Who paid.</param>
/// <param name="TutorId">Whose item it is.</param>
/// <param name="Amount">What was captured.</param>
/// <param name="PlatformFee">Of it for the platform, which bears Stripe's fee.</param>
/// <param name="At">When it was recorded.</param>
public sealed record PaymentSucceeded(Guid PurchaseId, PurchaseKind Kind, Guid ItemId, Guid PayerId, Guid TutorId, Money Amount, Money PlatformFee, DateTimeOffset At) : IEvent;

/// <summary>The purchase ended without money: the payer gave up, or the time to pay ran out. A single declined card does not end it.</summary>
/// <param name="PurchaseId">The purchase.</param>
/// <param name="PayerId">Who would have paid.</param>
/// <param name="Code"><c>expired</c>, <c>cancelled</c> or <c>refused</c> (by Stripe).</param>
/// <param name="At">When.</param>
public sealed record PaymentFailed(Guid PurchaseId, Guid PayerId, string Code, DateTimeOffset At) : IEvent;

/// <summary>What was paid for is delivered: the learner is enrolled, or the last lesson confirmed.</summary>
public sealed record PurchaseFulfilled(Guid PurchaseId, PurchaseKind Kind, Guid ItemId, Guid PayerId, Guid TutorId, DateTimeOffset At) : IEvent;

/// <summary>A lesson was confirmed and its share released to the tutor.</summary>
public sealed record LessonConfirmed(Guid PurchaseId, int Lesson, int Lessons, Guid PayerId, Guid TutorId, Money Released, DateTimeOffset At) : IEvent;

/// <summary>Money went back, or is on its way back at Stripe.</summary>
/// <param name="PurchaseId">The purchase.</param>
/// <param name="RefundId">The refund.</param>
/// <param name="Kind">What had been bought.</param>
/// <param name="ItemId">The course or lesson offer.</param>
/// <param name="PayerId">Who gets it.</param>
/// <param name="TutorId">Who bears the share.</param>
/// <param name="Amount">Of this refund.</param>
/// <param name="Whole">Whether nothing is left of the purchase: access ends with it.</param>
/// <param name="At">When.</param>
public sealed record PurchaseRefunded(Guid PurchaseId, Guid RefundId, PurchaseKind Kind, Guid ItemId, Guid PayerId, Guid TutorId, Money Amount, bool Whole, DateTimeOffset At) : IEvent;

/// <summary>The payer's bank disputes the payment and has taken the money back for the time being.</summary>
public sealed record DisputeOpened(Guid PurchaseId, string DisputeId, Guid PayerId, Guid TutorId, Money Amount, string Reason, DateTimeOffset At) : IEvent;

/// <summary>The bank has decided. A lost dispute ends access like a refund.</summary>
public sealed record DisputeClosed(Guid PurchaseId, string DisputeId, PurchaseKind Kind, Guid ItemId, Guid PayerId, Guid TutorId, Money Amount, bool Won, DateTimeOffset At) : IEvent;

/// <summary>Stripe has verified the tutor (or has doubts again): money can, or cannot, be transferred and paid out.</summary>
public sealed record TutorAccountChanged(Guid TutorId, bool PayoutsEnabled, bool DetailsSubmitted, DateTimeOffset At) : IEvent;

/// <summary>A payout left for the tutor's bank.</summary>
public sealed record PayoutSent(Guid PayoutId, Guid TutorId, Money Amount, DateTimeOffset At) : IEvent;

/// <summary>The bank sent a payout back; the money is in the tutor's balance again.</summary>
public sealed record PayoutFailed(Guid PayoutId, Guid TutorId, Money Amount, string Code, DateTimeOffset At) : IEvent;
