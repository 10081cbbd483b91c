using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;

namespace EdTech.Payments;

/// <summary>Local: a payment for lessons has started.</summary>
sealed record BeginLessonPayment(Guid PurchaseId, bool Free);

/// <summary>Who pays for lessons gets them, one by one, or the money back for those never given.</summary>
sealed class LessonPaymentSaga(IConfiguration configuration) : Saga<LessonPaymentData>,
    IAmStartedByMessages<BeginLessonPayment>,
    IHandleTimeouts<PaymentWindowOver>,
    IHandleMessages<PaymentSucceeded>,
    IHandleMessages<PaymentFailed>,
    IHandleTimeouts<DeliveryWindowOver>,
    IHandleMessages<PurchaseFulfilled>,
    IHandleMessages<PurchaseRefunded>
{
    /// <summary>Lessons not given within this time will not be given.</summary>
    static readonly TimeSpan DeliveryWindow = TimeSpan.FromDays(180);

    protected override void ConfigureHowToFindSaga(SagaPropertyMapper<LessonPaymentData> mapper)
        => mapper.MapSaga(saga => saga.PurchaseId)
            .ToMessage<BeginLessonPayment>(m => m.PurchaseId)
            .ToMessage<PaymentSucceeded>(m => m.PurchaseId)
            .ToMessage<PaymentFailed>(m => m.PurchaseId)
            .ToMessage<PurchaseFulfilled>(m => m.PurchaseId)
            .ToMessage<PurchaseRefunded>(m => m.PurchaseId);

    public async Task Handle(BeginLessonPayment message, IMessageHandlerContext context)
    {
        Data.PurchaseId = message.PurchaseId;
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
        await context.RequestCall(new CancelPaymentIntent(Data.PurchaseId, "expired", state.Time));
        await RequestTimeout(context, PaymentWindow.Of(configuration), new PaymentWindowOver(state.Time + 1));
    }

    public Task Handle(PaymentSucceeded message, IMessageHandlerContext context)
    {
        Data.Paid = true;
        return RequestTimeout(context, DeliveryWindow, new DeliveryWindowOver());
    }

    public Task Handle(PaymentFailed message, IMessageHandlerContext context)
    {
        MarkAsComplete();
        return Task.CompletedTask;
    }

    public async Task Timeout(DeliveryWindowOver state, IMessageHandlerContext context)
    {
        MarkAsComplete();
        var purchase = await context.PurchaseOf(Data.PurchaseId);
        var left = Math.Min(purchase.Refundable, purchase.CapturedAmount - purchase.GrossOf(purchase.LessonsGiven + purchase.LessonsCancelled));
        if (left > 0)
            await context.AskRefund(purchase, RefundOrder.IdOf(purchase.Id, "not delivered"), left, "The lessons were not given in time.", by: null);
    }

    public Task Handle(PurchaseFulfilled message, IMessageHandlerContext context)
    {
        MarkAsComplete();
        return Task.CompletedTask;
    }

    public Task Handle(PurchaseRefunded message, IMessageHandlerContext context)
    {
        if (message.Whole)
            MarkAsComplete();
        return Task.CompletedTask;
    }
}

sealed class LessonPaymentData : SagaData
{
    public Guid PurchaseId { get; set; }

    public bool Paid { get; set; }
}

sealed record DeliveryWindowOver;
