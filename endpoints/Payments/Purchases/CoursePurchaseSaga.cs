using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;

namespace EdTech.Payments;

/// <summary>Local: the purchase of a course has started.</summary>
sealed record BeginCoursePurchase(Guid PurchaseId, Guid CourseId, Guid PayerId, bool Free);

/// <summary>Who pays gets the course, or the money back.</summary>
sealed class CoursePurchaseSaga(IConfiguration configuration) : Saga<CoursePurchaseData>,
    IAmStartedByMessages<BeginCoursePurchase>,
    IHandleTimeouts<PaymentWindowOver>,
    IHandleMessages<PaymentSucceeded>,
    IHandleMessages<PaymentFailed>,
    IHandleTimeouts<EnrolmentOverdue>,
    IHandleMessages<PaidStudentEnrolled>,
    IHandleMessages<PaidEnrolmentRefused>
{
    static readonly TimeSpan EnrolmentPatience = TimeSpan.FromMinutes(10);

    protected override void ConfigureHowToFindSaga(SagaPropertyMapper<CoursePurchaseData> mapper)
        => mapper.MapSaga(saga => saga.PurchaseId)
            .ToMessage<BeginCoursePurchase>(m => m.PurchaseId)
            .ToMessage<PaymentSucceeded>(m => m.PurchaseId)
            .ToMessage<PaymentFailed>(m => m.PurchaseId)
            .ToMessage<PaidStudentEnrolled>(m => m.PaymentId)
            .ToMessage<PaidEnrolmentRefused>(m => m.PaymentId);

    public async Task Handle(BeginCoursePurchase message, IMessageHandlerContext context)
    {
        Data.PurchaseId = message.PurchaseId;
        Data.CourseId = message.CourseId;
        Data.PayerId = message.PayerId;
        Data.EnrolmentId = Guid.CreateVersion7(context.Now);
        if (message.Free)
        {
            await context.SendLocal(new SettleFreePurchase(message.PurchaseId));
            return;
        }

        await context.RequestCall(new OpenPaymentIntent(message.PurchaseId));
        await RequestTimeout(context, PaymentWindow.Of(configuration), new PaymentWindowOver(1));
    }

    public async Task Timeout(PaymentWindowOver state, IMessageHandlerContext context)
    {
        if (Data.Paid)
            return;
        // Where the bank is still at it Stripe cannot cancel; we ask again after the next window.
        await context.RequestCall(new CancelPaymentIntent(Data.PurchaseId, "expired", state.Time));
        await RequestTimeout(context, PaymentWindow.Of(configuration), new PaymentWindowOver(state.Time + 1));
    }

    public Task Handle(PaymentSucceeded message, IMessageHandlerContext context)
    {
        Data.Paid = true;
        return Enrol(context);
    }

    public Task Handle(PaymentFailed message, IMessageHandlerContext context)
    {
        MarkAsComplete();
        return Task.CompletedTask;
    }

    /// <summary>Learning has not said what became of it: the order is repeated, which is harmless there.</summary>
    public Task Timeout(EnrolmentOverdue state, IMessageHandlerContext context) => Enrol(context);

    public async Task Handle(PaidStudentEnrolled message, IMessageHandlerContext context)
    {
        MarkAsComplete();
        var purchase = await context.PurchaseOf(Data.PurchaseId);
        if (purchase.EnrolmentId is not null)
            return;
        purchase = await context.Append(purchase, purchase.Id, null, new PurchaseEvent.Enrolled(message.EnrolmentId));
        await context.Publish(new PurchaseFulfilled(purchase.Id, purchase.Kind, purchase.ItemId, purchase.PayerId, purchase.TutorId, context.Now));
        await context.SendLocal(new TransferEarnings(purchase.TutorId, purchase.Currency, purchase.Id));
    }

    public async Task Handle(PaidEnrolmentRefused message, IMessageHandlerContext context)
    {
        MarkAsComplete();
        var purchase = await context.PurchaseOf(Data.PurchaseId);
        purchase = await context.Append(purchase, purchase.Id, null, new PurchaseEvent.EnrolmentDenied(message.Code));
        if (purchase.Refundable > 0)
            await context.AskRefund(purchase, RefundOrder.IdOf(purchase.Id, "not enrolled"), purchase.Refundable, $"The enrolment was refused: {message.Code}.", by: null);
    }

    async Task Enrol(IMessageHandlerContext context)
    {
        await context.Send(new EnrolPaidStudent(new Actor(Data.PayerId, []), Data.EnrolmentId, Data.CourseId, Data.PurchaseId));
        await RequestTimeout(context, EnrolmentPatience, new EnrolmentOverdue());
    }
}

sealed class CoursePurchaseData : SagaData
{
    public Guid PurchaseId { get; set; }

    public Guid CourseId { get; set; }

    public Guid PayerId { get; set; }

    public Guid EnrolmentId { get; set; }

    public bool Paid { get; set; }
}

/// <summary>The time to pay is over, for the n-th time.</summary>
sealed record PaymentWindowOver(int Time);

sealed record EnrolmentOverdue;

/// <summary>How long a started purchase waits for its payer: <c>EDTECH_PAYMENT_WINDOW_MINUTES</c>, 60 by default.</summary>
static class PaymentWindow
{
    public static TimeSpan Of(IConfiguration configuration)
        => TimeSpan.FromMinutes(double.Parse(configuration["EDTECH_PAYMENT_WINDOW_MINUTES"] ?? "60", System.Globalization.CultureInfo.InvariantCulture));
}
