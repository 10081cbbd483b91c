using System.Net.Http.Headers;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdTech.Payments.Tests;

/// <summary>What the gateway does with Stripe's webhooks: passes them to the worker as they came, and its status back.</summary>
sealed class StripeRelay : IAsyncDisposable
{
    readonly WebApplication _app;
    HttpClient? _worker;

    StripeRelay(WebApplication app) => _app = app;

    public Uri Address { get; private init; } = null!;

    public static async Task<StripeRelay> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var app = builder.Build();
        var address = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        app.Urls.Add(address.ToString());
        var relay = new StripeRelay(app) { Address = new Uri(address, "/v1/webhooks/stripe") };
        app.MapPost("/v1/webhooks/stripe", relay.Pass);
        await app.StartAsync();
        return relay;
    }

    public void Forward(WorkerUnderTest worker) => _worker = worker.Api();

    async Task<IResult> Pass(HttpRequest request)
    {
        if (_worker is null)
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        using var forward = new HttpRequestMessage(HttpMethod.Post, "/internal/payments/stripe-events") { Content = new StreamContent(request.Body) };
        forward.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType ?? "application/json");
        forward.Headers.TryAddWithoutValidation("Stripe-Signature", request.Headers["Stripe-Signature"].ToString());
        using var answer = await _worker.SendAsync(forward, request.HttpContext.RequestAborted);
        return Results.StatusCode((int)answer.StatusCode);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
