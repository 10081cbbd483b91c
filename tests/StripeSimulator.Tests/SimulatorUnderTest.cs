using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

[assembly: AssemblyFixture(typeof(EdTech.StripeSimulator.Tests.SharedSimulator))]

namespace EdTech.StripeSimulator.Tests;

/// <summary>One simulator for the tests that neither move its clock nor make it misbehave.</summary>
public sealed class SharedSimulator : IAsyncLifetime
{
    public SimulatorUnderTest It { get; private set; } = null!;

    public StripeClient Stripe => It.Stripe;

    public async ValueTask InitializeAsync() => It = await SimulatorUnderTest.Start();

    public ValueTask DisposeAsync() => It.DisposeAsync();
}

/// <summary>A simulator of a test's own, with Stripe's client for it; in this process, or in one that can be killed.</summary>
public sealed class SimulatorUnderTest : IAsyncDisposable
{
    public const string SecretKey = "sk_test_tests";
    public const string PublishableKey = "pk_test_tests";
    public const string WebhookSecret = "whsec_tests";
    readonly string[] _args;
    readonly string? _journal;
    WebApplication? _app;
    Process? _process;

    SimulatorUnderTest(Uri address, string? journal, Uri? webhooks)
    {
        Address = address;
        _journal = journal;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        Stripe = Client(SecretKey);
        _args =
        [
            $"--EDTECH_STRIPE_API={address}", $"--EDTECH_STRIPE_SECRET_KEY={SecretKey}", $"--EDTECH_STRIPE_PUBLISHABLE_KEY={PublishableKey}", $"--EDTECH_STRIPE_WEBHOOK_SECRET={WebhookSecret}",
            $"--EDTECH_STRIPE_WEBHOOK_URL={webhooks}", $"--EDTECH_STRIPE_JOURNAL={journal}", "--EDTECH_STRIPE_WEBHOOK_RETRY_MS=20", "--EDTECH_STRIPE_WEBHOOK_RETRY_MAX_MS=200",
        ];
    }

    public Uri Address { get; }

    /// <summary>The journal of a simulator that can be killed.</summary>
    public string Journal => _journal!;
    public HttpClient Http { get; }
    public StripeClient Stripe { get; }

    public static async Task<SimulatorUnderTest> Start(WebhookReceiver? receiver = null)
    {
        var simulator = new SimulatorUnderTest(FreeAddress(), null, receiver?.Address);
        simulator._app = StripeSimulatorHost.Build(simulator._args);
        await simulator._app.StartAsync();
        return simulator;
    }

    public static async Task<SimulatorUnderTest> StartProcess(WebhookReceiver? receiver = null)
    {
        var simulator = new SimulatorUnderTest(FreeAddress(), Path.Combine(Path.GetTempPath(), $"stripe-{Guid.NewGuid():N}.jsonl"), receiver?.Address);
        await simulator.Restart();
        return simulator;
    }

    public async Task Restart()
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false };
        start.ArgumentList.Add(typeof(StripeSimulatorHost).Assembly.Location);
        foreach (var arg in _args)
        {
            start.ArgumentList.Add(arg);
        }

        _process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await Http.GetStringAsync("/simulator/clock", deadline.Token);
                return;
            }
            catch (HttpRequestException)
            {
                // It has not bound its port yet.
                await Task.Delay(20, deadline.Token);
            }
        }
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public StripeClient Client(string key) => new(new StripeClientOptions { ApiKey = key, ApiBase = Address.ToString().TrimEnd('/'), HttpClient = new SystemNetHttpClient(Http, maxNetworkRetries: 0) });

    /// <summary>An order to the simulator itself.</summary>
    public async Task<JsonObject> Order(string path, object order)
    {
        using var response = await Http.PostAsync($"/simulator/{path}", new StringContent(System.Text.Json.JsonSerializer.Serialize(order), Encoding.UTF8, "application/json"));
        var answer = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(answer);
        return JsonNode.Parse(answer)!.AsObject();
    }

    public Task Advance(TimeSpan time) => Order("clock/advance", new { seconds = (long)time.TotalSeconds });

    public async Task Post(string path)
    {
        using var response = await Http.PostAsync(path, null);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    /// <summary>A payment as our platform makes them: its own server confirms it with a test card.</summary>
    public async Task<PaymentIntent> Pay(string card = "pm_card_visa", long amount = 5_000, string currency = "usd", string? customer = null, string[]? types = null, string? transferGroup = null)
        => await Stripe.V1.PaymentIntents.CreateAsync(new PaymentIntentCreateOptions
        {
            Amount = amount,
            Currency = currency,
            Customer = customer,
            Confirm = true,
            PaymentMethod = card,
            AllowedPaymentMethodTypes = [.. types ?? ["card"]],
            TransferGroup = transferGroup,
            Expand = ["latest_charge.balance_transaction"],
        });

    /// <summary>An account that may be paid.</summary>
    public async Task<Account> Tutor(string country = "US", string? bank = null)
    {
        var account = await Stripe.V1.Accounts.CreateAsync(new AccountCreateOptions
        {
            Type = "express",
            Country = country,
            Capabilities = new() { Transfers = new() { Requested = true } },
            Settings = new() { Payouts = new() { Schedule = new() { Interval = "manual" } } },
        });
        await Post($"/connect/onboarding/{account.Id}/complete{(bank is null ? "" : $"?bank={bank}")}");
        return await Stripe.V1.Accounts.GetAsync(account.Id);
    }

    static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await Kill();
        }

        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        Http.Dispose();
        if (_journal is not null)
        {
            System.IO.File.Delete(_journal);
        }
    }
}
