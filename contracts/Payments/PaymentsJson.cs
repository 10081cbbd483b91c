using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdTech.Contracts.Payments;

/// <summary>How the domain's messages and views are written as JSON, generated at build time.</summary>
// One block per file of contracts, in the order of the files, so that additions do not collide.
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refused))]
// PurchaseCommands.cs
[JsonSerializable(typeof(QuotePurchase))]
[JsonSerializable(typeof(PurchaseCourse))]
[JsonSerializable(typeof(PayLesson))]
[JsonSerializable(typeof(CancelPurchase))]
[JsonSerializable(typeof(ConfirmLesson))]
[JsonSerializable(typeof(RefundPurchase))]
[JsonSerializable(typeof(OfferLessons))]
[JsonSerializable(typeof(WithdrawLessonOffer))]
[JsonSerializable(typeof(CreateCoupon))]
[JsonSerializable(typeof(RetireCoupon))]
// EarningsCommands.cs
[JsonSerializable(typeof(OnboardTutor))]
[JsonSerializable(typeof(ChangePayoutSettings))]
[JsonSerializable(typeof(RequestPayout))]
[JsonSerializable(typeof(SchedulePayouts))]
[JsonSerializable(typeof(SetFee))]
[JsonSerializable(typeof(SubmitDisputeEvidence))]
[JsonSerializable(typeof(ReconcileDay))]
[JsonSerializable(typeof(ResolveException))]
[JsonSerializable(typeof(RebuildPayments))]
[JsonSerializable(typeof(RebuildOutcome))]
// PaymentEvents.cs
[JsonSerializable(typeof(PurchaseStarted))]
[JsonSerializable(typeof(PaymentSucceeded))]
[JsonSerializable(typeof(PaymentFailed))]
[JsonSerializable(typeof(PurchaseFulfilled))]
[JsonSerializable(typeof(LessonConfirmed))]
[JsonSerializable(typeof(PurchaseRefunded))]
[JsonSerializable(typeof(DisputeOpened))]
[JsonSerializable(typeof(DisputeClosed))]
[JsonSerializable(typeof(TutorAccountChanged))]
[JsonSerializable(typeof(PayoutSent))]
[JsonSerializable(typeof(PayoutFailed))]
// PurchaseViews.cs
[JsonSerializable(typeof(QuoteView))]
[JsonSerializable(typeof(PurchaseView))]
[JsonSerializable(typeof(PaymentView))]
[JsonSerializable(typeof(PurchaseHistoryEntry))]
[JsonSerializable(typeof(LessonOfferView))]
[JsonSerializable(typeof(CouponView))]
[JsonSerializable(typeof(ReceiptView))]
// EarningsViews.cs
[JsonSerializable(typeof(PayoutAccountView))]
[JsonSerializable(typeof(OnboardingLink))]
[JsonSerializable(typeof(BalanceView))]
[JsonSerializable(typeof(EarningsView))]
[JsonSerializable(typeof(StatementLine))]
[JsonSerializable(typeof(StatementView))]
[JsonSerializable(typeof(PayoutView))]
[JsonSerializable(typeof(TaxQuarter))]
[JsonSerializable(typeof(TaxReportView))]
[JsonSerializable(typeof(PlatformMonth))]
[JsonSerializable(typeof(PlatformReportView))]
[JsonSerializable(typeof(FeeScheduleView))]
[JsonSerializable(typeof(DisputeView))]
[JsonSerializable(typeof(ExceptionView))]
[JsonSerializable(typeof(ReconciliationView))]
[JsonSerializable(typeof(Page<PurchaseView>))]
[JsonSerializable(typeof(Page<PurchaseHistoryEntry>))]
[JsonSerializable(typeof(Page<LessonOfferView>))]
[JsonSerializable(typeof(Page<CouponView>))]
[JsonSerializable(typeof(Page<PayoutView>))]
[JsonSerializable(typeof(Page<FeeScheduleView>))]
[JsonSerializable(typeof(Page<DisputeView>))]
[JsonSerializable(typeof(Page<ExceptionView>))]
[JsonSerializable(typeof(Page<ReconciliationView>))]
public sealed partial class PaymentsJson : JsonSerializerContext
{
    /// <summary>Camel-cased, as HTTP shows it and as jsonb columns hold it; the default instance is the one of messages.</summary>
    public static PaymentsJson Web { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web));
}
