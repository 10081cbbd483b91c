using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Local: Stripe has said where a payment is.</summary>
/// <param name="PurchaseId">Whose payment.</param>
/// <param name="State">What Stripe said.</param>
/// <param name="CallId">The call that it is the outcome of, if of one.</param>
/// <param name="EndedBy">Why it is cancelled, if it is and we wanted it.</param>
/// <param name="CustomerId">The payer at Stripe, when that was new.</param>
sealed record RecordPayment(Guid PurchaseId, IntentState State, string? CallId, string? EndedBy = null, string? CustomerId = null);

/// <summary>
/// Brings a purchase to where Stripe says its payment is. Only forward: paid stays paid, ended stays ended, so what was asked earlier and arrives later changes nothing.
/// </summary>
sealed class RecordPaymentHandler : IHandleMessages<RecordPayment>
{
    public async Task Handle(RecordPayment message, IMessageHandlerContext context)
    {
        var purchase = await context.PurchaseOf(message.PurchaseId);
        if (message.CallId is not null)
            await context.SettleCall(message.CallId);
        if (message.CustomerId is not null)
            await KeepCustomer(context, purchase.PayerId, message.CustomerId);

        var state = message.State;
        if (purchase.IntentId is null)
            purchase = await context.Append(purchase, purchase.Id, null, new PurchaseEvent.IntentOpened(state.IntentId));
        if (purchase.PaidAt is not null)
            return;

        switch (state.Status)
        {
            case "succeeded" when state.Fee is null:
                // Charged, but Stripe has not booked it yet, so its fee is not known.
                await context.SendLocal(new LookAtPayment(state.IntentId), new SendOptions(TimeSpan.FromSeconds(5)));
                break;
            case "succeeded":
                await Capture(context, purchase, state);
                break;
            case "canceled":
                if (purchase.EndedBy is null)
                    await context.EndPurchase(purchase, message.EndedBy ?? "cancelled");
                break;
            default:
                if (state.Status != purchase.StripeStatus || (state.Decline is not null && state.Decline != purchase.LastDecline))
                    await context.Append(purchase, purchase.Id, null, new PurchaseEvent.StatusSeen(state.Status, state.Decline));
                break;
        }
    }

    static async Task Capture(IMessageHandlerContext context, Purchase purchase, IntentState state)
    {
        if (state.SettledIn != purchase.Currency)
        {
            await context.FileException(
                "settlement_currency",
                state.ChargeId!,
                $"Purchase {purchase.Id} was charged in {purchase.Currency} and settled in {state.SettledIn}: Stripe's fee of {state.Fee} {state.SettledIn} is not in the books. Add a balance in {purchase.Currency} to the Stripe account.");
            state = state with { Fee = 0 };
        }

        var late = purchase.EndedBy is not null;
        purchase = await context.Append(purchase, purchase.Id, null, new PurchaseEvent.Captured(state.ChargeId, state.Received, state.Fee!.Value, context.Now));
        if (late)
        {
            // Paid after it was given up: nobody waits for it any more, so the money goes back.
            await context.AskRefund(purchase, PaidTooLate(purchase.Id), purchase.Refundable, "Paid after the purchase had ended.", by: null);
            return;
        }

        await context.PublishPaid(purchase);
    }

    /// <summary>One such refund a purchase, whatever is repeated.</summary>
    static Guid PaidTooLate(Guid purchaseId) => RefundOrder.IdOf(purchaseId, "paid too late");

    static Task KeepCustomer(IMessageHandlerContext context, Guid payerId, string customerId)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO payments.stripe_customer (payer_id, customer_id)
            VALUES (@payerId, @customerId)
            ON CONFLICT DO NOTHING
            """, new { payerId, customerId });
}

/// <summary>Local: Stripe will not take the payment at all. Nothing that the payer does helps.</summary>
sealed record RecordPaymentRefusal(Guid PurchaseId, string Code, string CallId);

sealed class RecordPaymentRefusalHandler : IHandleMessages<RecordPaymentRefusal>
{
    public async Task Handle(RecordPaymentRefusal message, IMessageHandlerContext context)
    {
        if (!await context.SettleCall(message.CallId, message.Code))
            return;
        var purchase = await context.PurchaseOf(message.PurchaseId);
        await context.FileException("call_refused", message.CallId, $"Stripe refused to open the payment of {purchase.Price} {purchase.Currency}: {message.Code}.");
        await context.EndPurchase(purchase, "refused");
    }
}

/// <summary>Local: there is nothing to pay.</summary>
sealed record SettleFreePurchase(Guid PurchaseId);

sealed class SettleFreePurchaseHandler : IHandleMessages<SettleFreePurchase>
{
    public async Task Handle(SettleFreePurchase message, IMessageHandlerContext context)
    {
        var purchase = await context.PurchaseOf(message.PurchaseId);
        if (purchase.PaidAt is null)
            await context.PublishPaid(await context.Append(purchase, purchase.Id, null, new PurchaseEvent.Captured(null, 0, 0, context.Now)));
    }
}

static class PaymentOutcomes
{
    public static Task PublishPaid(this IMessageHandlerContext context, Purchase purchase)
        => context.Publish(new PaymentSucceeded(
            purchase.Id,
            purchase.Kind,
            purchase.ItemId,
            purchase.PayerId,
            purchase.TutorId,
            new Money(purchase.CapturedAmount, purchase.Currency),
            new Money(purchase.Fee, purchase.Currency),
            context.Now));

    /// <summary>Ends an unpaid purchase and gives its coupon back.</summary>
    public static async Task EndPurchase(this IMessageHandlerContext context, Purchase purchase, string code)
    {
        await context.Append(purchase, purchase.Id, null, new PurchaseEvent.Ended(code));
        await context.Db.ExecuteAsync(
            """
            UPDATE payments.coupon c
            SET uses = uses - 1
            FROM payments.quote q
            WHERE q.purchase_id = @Id AND c.coupon_id = q.coupon_id
            """, new { purchase.Id });
        await context.Publish(new PaymentFailed(purchase.Id, purchase.PayerId, code, context.Now));
    }
}
