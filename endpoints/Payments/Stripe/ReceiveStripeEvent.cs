using System.Text;
using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Stripe;

namespace EdTech.Payments;

/// <summary>Takes Stripe's webhooks in: signed, young enough, stored once. Stripe gets its 200 when the event is in the database, and repeats it otherwise.</summary>
static class ReceiveStripeEvent
{
    const int MaxBytes = 1024 * 1024;

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/payments/stripe-events", Handle);

    static async Task<IResult> Handle(HttpContext http, StripeApi stripe, ITransactionalSession session, TimeProvider time, CancellationToken ct)
    {
        if (http.Request.ContentLength > MaxBytes)
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        // The signature is over the bytes as they came.
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        var body = await reader.ReadToEndAsync(ct);
        Event received;
        try
        {
            received = stripe.ReadWebhook(body, http.Request.Headers["Stripe-Signature"].ToString(), time.GetUtcNow());
        }
        catch (Exception e) when (e is StripeException or System.Text.Json.JsonException or Newtonsoft.Json.JsonException)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, "webhook.not_signed", "The event is not signed by Stripe with this platform's secret within the last five minutes.");
        }

        await session.Run(context => context.TakeIn(received, body), ct);
        return Results.Ok();
    }

    /// <summary>Stores an event of Stripe and has looked at what it is about; a repeat is counted and changes nothing.</summary>
    public static async Task TakeIn(this IMessageHandlerContext context, Event received, string body)
    {
        var first = await context.Db.ExecuteScalarAsync<bool>(
            """
            INSERT INTO payments.stripe_event AS e (event_id, type, account, payload, created_at, received_at)
            VALUES (@Id, @Type, @Account, @body, @created, @Now)
            ON CONFLICT (event_id) DO UPDATE SET repeats = e.repeats + 1
            RETURNING repeats = 0
            """,
            new { received.Id, received.Type, received.Account, body, created = new DateTimeOffset(received.Created, TimeSpan.Zero), context.Now });
        if (first && LookAt(received) is { } look)
            await context.SendLocal(look);
    }

    /// <summary>
    /// An event is a hint that something changed; what it is now is asked from Stripe, so that order and repetition of events do not matter. A payment tells of itself by
    /// its own events: what Stripe says of its charge besides would only ask the same again.
    /// </summary>
    static object? LookAt(Event received) => received.Data.Object switch
    {
        PaymentIntent intent when received.Type != EventTypes.PaymentIntentCreated => new LookAtPayment(intent.Id),
        Stripe.Refund refund => new LookAtRefund(refund.Id),
        Dispute dispute => new LookAtDispute(dispute.Id),
        Account account => new LookAtAccount(account.Id),
        Payout payout when received.Account is not null => new LookAtPayout(received.Account, payout.Id),
        _ => null,
    };
}
