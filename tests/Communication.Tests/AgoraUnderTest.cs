using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdTech.AgoraSimulator;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EdTech.Communication.Tests;

/// <summary>The simulator of Agora, and what a test does to it.</summary>
public sealed class AgoraUnderTest : IAsyncDisposable
{
    const string WebhookSecret = "webhook-secret";
    WebApplication? _simulator;

    AgoraUnderTest(Uri api, AgoraRelay relay) => (Api, Relay) = (new HttpClient { BaseAddress = api, Timeout = TimeSpan.FromSeconds(30) }, relay);

    public HttpClient Api { get; }

    public AgoraRelay Relay { get; }

    public string AppId { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public string Certificate { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public (string Name, string Value)[] Settings =>
    [
        ("EDTECH_AGORA_API", Api.BaseAddress!.ToString()),
        ("EDTECH_AGORA_APP_ID", AppId),
        ("EDTECH_AGORA_APP_CERTIFICATE", Certificate),
        ("EDTECH_AGORA_CUSTOMER_ID", "customer"),
        ("EDTECH_AGORA_CUSTOMER_SECRET", "customer-secret"),
        ("EDTECH_AGORA_WEBHOOK_SECRET", WebhookSecret),
    ];

    public static async Task<AgoraUnderTest> Start()
    {
        var agora = new AgoraUnderTest(new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}"), await AgoraRelay.Start());
        agora._simulator = AgoraSimulatorHost.Build([.. agora.Settings.Select(s => $"--{s.Name}={s.Value}"), $"--EDTECH_AGORA_WEBHOOK_URL={agora.Relay.Address}"]);
        await agora._simulator.StartAsync();
        return agora;
    }

    /// <summary>A client comes into the channel. False when it is locked out.</summary>
    public async Task<bool> Enter(Guid lesson, uint uid)
    {
        using var answer = await Api.PostAsync(new Uri($"/simulator/channels/{lesson}/{uid}/join", UriKind.Relative), null);
        return answer.IsSuccessStatusCode;
    }

    public async Task Exit(Guid lesson, uint uid) => (await Api.PostAsync(new Uri($"/simulator/channels/{lesson}/{uid}/leave", UriKind.Relative), null)).EnsureSuccessStatusCode().Dispose();

    public async Task EndRecorders(Guid lesson) => (await Api.PostAsync(new Uri($"/simulator/channels/{lesson}/end-recorders", UriKind.Relative), null)).EnsureSuccessStatusCode().Dispose();

    public async Task Fail(string kind, string path, int count = 1) => (await Api.PostAsJsonAsync("/simulator/faults", new { kind, path, count })).EnsureSuccessStatusCode().Dispose();

    public async Task<bool> LockedOut(Guid lesson, uint uid) => (await Channel(lesson))["lockedOut"]!.AsArray().Any(u => (uint)u! == uid);

    public async Task<int> RunningRecorders(Guid lesson) => (await Channel(lesson))["recorders"]!.AsArray().Count(r => (bool)r!["running"]!);

    public async Task<int> Recorders(Guid lesson) => (await Channel(lesson))["recorders"]!.AsArray().Count;

    /// <summary>Sends a notice as Agora does, signed; or as somebody else does.</summary>
    public static async Task<HttpStatusCode> Notify(WorkerUnderTest worker, string body, string secret = WebhookSecret, bool strong = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/communication/agora-events");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        var key = Encoding.UTF8.GetBytes(secret);
#pragma warning disable CA5350 // Agora's own.
        request.Headers.TryAddWithoutValidation("Agora-Signature", Convert.ToHexStringLower(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(body))));
#pragma warning restore CA5350
        if (strong)
        {
            request.Headers.TryAddWithoutValidation("Agora-Signature-V2", Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(body))));
        }

        using var answer = await worker.Api().SendAsync(request);
        return answer.StatusCode;
    }

    async Task<JsonNode> Channel(Guid lesson) => (await Api.GetFromJsonAsync<JsonNode>($"/simulator/channels/{lesson}"))!;

    public async ValueTask DisposeAsync()
    {
        await Relay.DisposeAsync();
        await _simulator!.StopAsync();
        await _simulator.DisposeAsync();
        Api.Dispose();
    }
}

/// <summary>What the gateway does with Agora's webhooks: passes them to the worker as they came, and its status back. Each lesson's can be held up, repeated and reversed, or lost.</summary>
public sealed class AgoraRelay : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly Lock _gate = new();
    readonly Dictionary<string, List<(byte[] Body, string Signature, string Strong)>> _held = new(StringComparer.Ordinal);
    WorkerUnderTest? _worker;

    AgoraRelay(WebApplication app) => _app = app;

    public Uri Address { get; private init; } = null!;

    public static async Task<AgoraRelay> Start()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        var address = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        app.Urls.Add(address.ToString());
        var relay = new AgoraRelay(app) { Address = new Uri(address, "/v1/webhooks/agora") };
        app.MapPost("/v1/webhooks/agora", relay.Pass);
        await app.StartAsync();
        return relay;
    }

    public void Forward(WorkerUnderTest worker) => _worker = worker;

    /// <summary>Takes the notices of a lesson and passes none on.</summary>
    public void Hold(Guid lesson)
    {
        lock (_gate)
        {
            _held[lesson.ToString()] = [];
        }
    }

    public int Held(Guid lesson)
    {
        lock (_gate)
        {
            return _held[lesson.ToString()].Count;
        }
    }

    /// <summary>Passes what was held on, the last first, each twice.</summary>
    public async Task ReleaseReversedAndTwice(Guid lesson)
    {
        List<(byte[], string, string)> held;
        lock (_gate)
        {
            _held.Remove(lesson.ToString(), out held!);
        }

        held.Reverse();
        foreach (var notice in held.Concat(held))
        {
            (await Send(notice)).ShouldBe200();
        }
    }

    async Task<IResult> Pass(HttpRequest request)
    {
        if (_worker is null)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        (byte[] Body, string Signature, string Strong) notice = (body.ToArray(), request.Headers["Agora-Signature"].ToString(), request.Headers["Agora-Signature-V2"].ToString());
        var payload = JsonNode.Parse(notice.Body)!["payload"]!;
        lock (_gate)
        {
            if (_held.TryGetValue((payload["channelName"] ?? payload["cname"])!.ToString(), out var held))
            {
                held.Add(notice);
                return Results.Ok();
            }
        }

        return Results.StatusCode((int)await Send(notice));
    }

    async Task<HttpStatusCode> Send((byte[] Body, string Signature, string Strong) notice)
    {
        using var forward = new HttpRequestMessage(HttpMethod.Post, "/internal/communication/agora-events");
        forward.Content = new ByteArrayContent(notice.Body);
        forward.Headers.TryAddWithoutValidation("Agora-Signature", notice.Signature);
        forward.Headers.TryAddWithoutValidation("Agora-Signature-V2", notice.Strong);
        using var answer = await _worker!.Api().SendAsync(forward);
        return answer.StatusCode;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

static class StatusChecks
{
    public static void ShouldBe200(this HttpStatusCode status) => Shouldly.ShouldBeTestExtensions.ShouldBe(status, HttpStatusCode.OK);
}
