using Stripe;

namespace EdTech.Payments;

/// <summary>Stripe has understood the call and said no: an outcome, not a failure. Everything else that goes wrong throws on and is tried again.</summary>
sealed class StripeRefusal(string code, string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Stripe's error code, or its decline code where the card was declined.</summary>
    public string Code { get; } = code;
}

/// <summary>Everything that we ask of Stripe, and the only class that knows how. Amounts are in our minor units; <see cref="StripeAmounts"/> has what differs.</summary>
sealed partial class StripeApi(StripeSettings settings, IHttpClientFactory clients)
{
    readonly StripeClient _client = new(
        settings.SecretKey,
        apiBase: settings.Api.ToString().TrimEnd('/'),
        httpClient: new SystemNetHttpClient(clients.CreateClient(nameof(StripeApi)), maxNetworkRetries: 0, enableTelemetry: false));

    static RequestOptions Key(string callId, string? account = null) => new() { IdempotencyKey = callId, StripeAccount = account };

    /// <summary>Tells Stripe's refusals from everything that says nothing about the outcome (no answer, 409 in use, 429, 5xx, wrong keys).</summary>
    static async Task<T> Ask<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (StripeException e) when (e.HttpStatusCode is System.Net.HttpStatusCode.BadRequest or System.Net.HttpStatusCode.PaymentRequired or System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.Forbidden
            && e.StripeError is { Type: "card_error" or "invalid_request_error" } error)
        {
            throw new StripeRefusal(error.DeclineCode ?? error.Code ?? error.Type, $"Stripe refused request {e.StripeResponse?.RequestId}: {error.Message}", e);
        }
    }
}
