using System.Net;

namespace EdTech.Gateway;

/// <summary>
/// Stripe's events, passed on byte for byte: the signature is over the bytes as they came, and the worker checks it. Stripe gets 200 when the event
/// is stored; whatever else it gets makes it come again. No operation of the public document: only Stripe calls it.
/// </summary>
static class StripeWebhook
{
    const string Signature = "Stripe-Signature";
    const int MaxSignature = 2_000;

    public static void MapStripeWebhook(this IEndpointRouteBuilder app)
        // Its one caller sends as much as there is; a person's limit would lose money in the busiest hour.
        => app.MapPost("/v1/webhooks/stripe", Receive).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();

    static async Task Receive(HttpContext http, IHttpClientFactory clients, ILogger<WorkerClient> log, CancellationToken ct)
    {
        var signature = http.Request.Headers[Signature].ToString();
        if (signature.Length is 0 or > MaxSignature)
        {
            await NotSigned(http);
            return;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct); // Kestrel counts, and throws past 1 MB
        using var client = clients.CreateClient("payments");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/payments/stripe-events");
        request.Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation(Signature, signature);
        try
        {
            using var answer = await client.SendAsync(request, ct);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.OK:
                    return;
                case HttpStatusCode.UnprocessableEntity:
                    await NotSigned(http);
                    return;
                default:
                    log.LogWarning("Worker payments answered {Status} to an event of Stripe, which will come again", (int)answer.StatusCode);
                    break;
            }
        }
        catch (Exception exception) when (WorkerClient.MeansAway(exception))
        {
            log.LogWarning("Worker payments did not take an event of Stripe, which will come again: {Reason}", exception.GetType().Name);
        }

        await Problems.WriteUnavailableAsync(http, "worker.unavailable", "The event could not be stored. Send it again.");
    }

    static Task NotSigned(HttpContext http)
        => Problems.WriteAsync(http, StatusCodes.Status400BadRequest, "webhook.not_signed", "The event is not signed by Stripe with this platform's secret within the last five minutes.");
}
