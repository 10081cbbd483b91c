namespace EdTech.Contracts.Payments;

/// <summary>What a purchase buys.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<PurchaseKind>))]
public enum PurchaseKind
{
    /// <summary>A course, for good.</summary>
    Course,

    /// <summary>One or more lessons with a tutor, delivered one by one.</summary>
    Lessons,
}

/// <summary>
/// Asks what something costs. The quote holds price, fee and coupon for 30 minutes; only a quote can be purchased, so nobody pays what was not shown.
/// Replies <see cref="Done"/> with the quote's id.
/// </summary>
/// <param name="By">The payer.</param>
/// <param name="QuoteId">The new quote.</param>
/// <param name="Kind">Course or lessons.</param>
/// <param name="ItemId">The course, or the tutor's lesson offer.</param>
/// <param name="Coupon">A coupon's code, or null; case does not matter.</param>
public sealed record QuotePurchase(Actor By, Guid QuoteId, PurchaseKind Kind, Guid ItemId, string? Coupon) : ICommand;

/// <summary>Buys the quoted course. Stripe asks for the card; the purchase waits for the money, then for the enrolment.</summary>
public sealed record PurchaseCourse(Actor By, Guid PurchaseId, Guid QuoteId) : ICommand;

/// <summary>Pays for the quoted lessons. The money is held until each lesson is confirmed.</summary>
public sealed record PayLesson(Actor By, Guid PurchaseId, Guid QuoteId) : ICommand;

/// <summary>The payer gives up an unpaid purchase. Refused once money is on its way.</summary>
public sealed record CancelPurchase(Actor By, Guid PurchaseId) : ICommand;

/// <summary>One more lesson of the purchase was given: its share of the money goes to the tutor. Sent by the payer or support; number by number, so that a repeat is harmless.</summary>
/// <param name="By">The payer, or who holds <c>payments.support</c>.</param>
/// <param name="PurchaseId">The paid lessons.</param>
/// <param name="Lesson">Which lesson of the package, from 1: the next one.</param>
public sealed record ConfirmLesson(Actor By, Guid PurchaseId, int Lesson) : ICommand;

/// <summary>
/// Gives money back. The payer may, within 14 days of paying and only what was not delivered (a course whole, lessons not yet confirmed);
/// who holds <c>payments.support</c> may give back any part of what is left.
/// </summary>
/// <param name="By">The payer, or who holds <c>payments.support</c>.</param>
/// <param name="PurchaseId">The paid purchase.</param>
/// <param name="RefundId">The new refund: its repeat is harmless, another id is another refund.</param>
/// <param name="MinorUnits">How much, in the purchase's currency; null for all that may be given back.</param>
/// <param name="Reason">1 to 500 characters, no personal data.</param>
public sealed record RefundPurchase(Actor By, Guid PurchaseId, Guid RefundId, long? MinorUnits, string Reason) : ICommand;

/// <summary>A tutor offers lessons at a price; replaces an earlier offer of the same id. Quotes already given keep their price.</summary>
/// <param name="By">The tutor.</param>
/// <param name="OfferId">The offer.</param>
/// <param name="Title">1 to 200 characters, shown on the receipt.</param>
/// <param name="Lessons">Lessons in the package, 1 to 100.</param>
/// <param name="Price">Of the whole package.</param>
public sealed record OfferLessons(Actor By, Guid OfferId, string Title, int Lessons, Money Price) : ICommand;

/// <summary>The offer can be bought no longer.</summary>
public sealed record WithdrawLessonOffer(Actor By, Guid OfferId) : ICommand;

/// <summary>
/// Makes a coupon. A tutor's holds for own items and lowers fee and share alike; one of the platform (<c>payments.admin</c>) holds everywhere and is paid
/// out of the fee alone, so its percentage must not exceed the fee of what it is used on.
/// </summary>
/// <param name="By">Who pays for the discount.</param>
/// <param name="CouponId">The new coupon.</param>
/// <param name="Code">4 to 32 letters and digits, unique; case does not matter.</param>
/// <param name="Platform">Whether it is the platform's.</param>
/// <param name="PercentOff">1 to 100.</param>
/// <param name="ItemId">The only course or offer that it holds for, or null.</param>
/// <param name="MaxUses">1 to 100,000.</param>
/// <param name="ExpiresAt">At most two years ahead.</param>
public sealed record CreateCoupon(Actor By, Guid CouponId, string Code, bool Platform, int PercentOff, Guid? ItemId, int MaxUses, DateTimeOffset ExpiresAt) : ICommand;

/// <summary>The coupon can be used no longer. Quotes already given keep their price.</summary>
public sealed record RetireCoupon(Actor By, Guid CouponId) : ICommand;
