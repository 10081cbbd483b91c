using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdTech.StripeSimulator.Tests;

/// <summary>Where webhooks arrive: checks each with Stripe's own client, then answers as the test wants.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    readonly Channel<Event> _arrived = Channel.CreateUnbounded<Event>();
    readonly WebApplication _app;
    int _refusals;

    WebhookReceiver(WebApplication app) => _app = app;

    public Uri Address => new(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), "/webhooks");

    /// <summary>Every event that arrived, in order of arrival, refused ones included.</summary>
    public List<string> Ids { get; } = [];

    public static async Task<WebhookReceiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.MapPost("/webhooks", (Delegate)receiver.Receive);
        await app.StartAsync();
        return receiver;
    }

    public void RefuseNext(int count) => _refusals = count;

    async Task<IResult> Receive(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var received = EventUtility.ConstructEvent(await reader.ReadToEndAsync(), http.Request.Headers["Stripe-Signature"], SimulatorUnderTest.WebhookSecret);
        lock (Ids)
        {
            Ids.Add(received.Id);
        }

        if (Interlocked.Decrement(ref _refusals) >= 0)
        {
            return Results.StatusCode(503);
        }

        await _arrived.Writer.WriteAsync(received);
        return Results.Ok();
    }

    public async Task<Event> Next()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _arrived.Reader.ReadAsync(deadline.Token);
    }

    public async Task<List<Event>> Next(int count)
    {
        var events = new List<Event>();
        while (events.Count < count)
        {
            events.Add(await Next());
        }

        return events;
    }

    /// <summary>Waits for an event of a type, passing over others.</summary>
    public async Task<Event> Next(string type)
    {
        while (true)
        {
            var next = await Next();
            if (next.Type == type)
            {
                return next;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
