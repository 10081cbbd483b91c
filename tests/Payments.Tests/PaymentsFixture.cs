using EdTech.Contracts;
using EdTech.StripeSimulator;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;

[assembly: AssemblyFixture(typeof(EdTech.Payments.Tests.PaymentsFixture))]

namespace EdTech.Payments.Tests;

/// <summary>The payments endpoint against a simulator of Stripe of its own, with the real learning and users endpoints beside it; run once for the whole assembly. Tests make their own ids.</summary>
public sealed partial class PaymentsFixture : IAsyncLifetime
{
    WebApplication? _simulator;
    WebApplication? _learning;
    WebApplication? _users;
    StripeRelay? _relay;

    public WorkerUnderTest Worker { get; private set; } = null!;

    /// <summary>Stripe's address, for paying as a browser does and for moving its clock.</summary>
    public HttpClient Stripe { get; private set; } = null!;

    public static Actor Tutor() => new(Guid.CreateVersion7(), ["learn", "courses.author", "courses.publish"]);

    public static Actor Student() => new(Guid.CreateVersion7(), ["learn"]);

    public static Actor Support() => new(Guid.CreateVersion7(), ["learn", "payments.support"]);

    public static Actor Admin() => new(Guid.CreateVersion7(), ["learn", "payments.support", "payments.admin"]);

    public async ValueTask InitializeAsync()
    {
        var api = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        _relay = await StripeRelay.Start();
        string[] keys = [$"--EDTECH_STRIPE_API={api}", "--EDTECH_STRIPE_SECRET_KEY=sk_test_payments", "--EDTECH_STRIPE_PUBLISHABLE_KEY=pk_test_payments", "--EDTECH_STRIPE_WEBHOOK_SECRET=whsec_payments"];
        _simulator = StripeSimulatorHost.Build([.. keys, $"--EDTECH_STRIPE_WEBHOOK_URL={_relay.Address}"]);
        await _simulator.StartAsync();
        Stripe = new HttpClient { BaseAddress = api, Timeout = TimeSpan.FromSeconds(30) };

        var users = $"http://127.0.0.1:{Infrastructure.FreePort()}";
        Worker = await WorkerUnderTest.Start("payments", PaymentsEndpoint.Build, [("EDTECH_USERS_URL", users), ("EDTECH_PUBLIC_URL", "https://shop.example"), .. keys.Select(k => (k[2..k.IndexOf('=', StringComparison.Ordinal)], k[(k.IndexOf('=', StringComparison.Ordinal) + 1)..]))]);
        _relay.Forward(Worker);
        _learning = Learning.LearningEndpoint.Build([.. Worker.Args, $"--EDTECH_LEARNING_URL=http://127.0.0.1:{Infrastructure.FreePort()}"]);
        await _learning.StartAsync();
        await WorkerUnderTest.Ready(_learning);
        _users = Users.UsersEndpoint.Build([.. Worker.Args]);
        await _users.StartAsync();
        await WorkerUnderTest.Ready(_users);
    }

    public async ValueTask DisposeAsync()
    {
        Stripe.Dispose();
        await _learning!.StopAsync();
        await _learning.DisposeAsync();
        await _users!.StopAsync();
        await _users.DisposeAsync();
        await Worker.DisposeAsync();
        await _simulator!.StopAsync();
        await _simulator.DisposeAsync();
        await _relay!.DisposeAsync();
    }
}
