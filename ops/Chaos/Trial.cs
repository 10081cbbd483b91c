using System.Diagnostics;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Chaos;

/// <summary>What a run found.</summary>
/// <param name="Disturbances">Faults made, or programs restarted.</param>
/// <param name="Violations">What should not be; empty when every promise held.</param>
public sealed record ChaosReport(int Disturbances, IReadOnlyList<string> Violations)
{
    /// <summary>Whether every promise held.</summary>
    public bool Held => Violations.Count == 0;
}

/// <summary>All journeys at once through some gateways; afterwards everything that was acknowledged must be there, once, and every rule of the domains must hold.</summary>
sealed class Trial(Action<string> print, FaultyStack servers, PlatformUnderTest platform, IReadOnlyList<PlatformUnderTest> gateways, int seed, Talk? talk = null) : IAsyncDisposable
{
    public const string AdminEmail = "first-admin@example.org";
    public const string AdminPassword = "a horse that counts correctly";
    readonly Classroom _classroom = new(gateways, servers.Settings["EDTECH_POSTGRES"]);
    readonly Visitors _visitors = new(gateways);
    readonly Stopwatch _since = Stopwatch.StartNew();
    readonly CancellationTokenSource _stop = new();
    Task[] _load = [];

    public List<string> Violations { get; } = [];

    public Market Market { get; } = new(platform, gateways, servers.Settings["EDTECH_POSTGRES"]);

    public Conversations Conversations { get; private set; } = null!;

    /// <summary>Whether people do nothing but talk.</summary>
    public bool OnlyTalk => talk is not null;

    /// <summary>Things to buy and groups to talk in, then everybody begins.</summary>
    public async Task Begin()
    {
        Conversations = await Conversations.Open(gateways, seed, talk);
        if (talk is not null)
        {
            _load = [.. Conversations.Load(_stop.Token)];
            Say($"{talk.People} people talk");
            return;
        }

        await Market.Open();
        _load = [.. _classroom.Load(seed, _stop.Token), .. Market.Load(_stop.Token), .. Conversations.Load(_stop.Token), .. _visitors.Load(_stop.Token)];
        Say("everybody is at work: they register, write, study, buy, talk and are watched");
    }

    /// <summary>Nobody begins anything new; what was begun is finished.</summary>
    public async Task End()
    {
        await _stop.CancelAsync();
        Say("nothing new is begun");
        var over = Task.WhenAll(_load);
        for (var deadline = DateTime.UtcNow.AddMinutes(6); !over.IsCompleted && DateTime.UtcNow < deadline;)
        {
            if (!OnlyTalk)
            {
                await Market.AskStripeAgain();
            }

            await Task.WhenAny(over, Task.Delay(3_000));
        }

        await Check("everybody came to the end of what they began", () => over.WaitAsync(TimeSpan.Zero));
    }

    public async Task CheckAll()
    {
        if (!OnlyTalk)
        {
            await CheckBusiness();
        }

        await Check("every acknowledged message is there once, in everybody's order; nothing unread is miscounted", Conversations.Agree);
        await Check("each fact is in Kafka under one ce_id, none is missing, no record was given up", () => KafkaFacts.Check(
            platform.Infrastructure.Prefix, servers.Settings["EDTECH_KAFKA"], [.. _classroom.Facts, .. Market.Facts, .. Conversations.Facts]));
        await Check("no message was given up: the error queue is empty", async () => (await Errors()).ShouldBe(0));
    }

    async Task CheckBusiness()
    {
        await Check("nothing is on its way any more", Market.Quiet);
        await Check("each purchase was charged once", Market.ChargedOnce);
        await Check("the ledger balances", Market.BooksBalance);
        await Check("the books are what Stripe has", Market.BooksAreStripes);
        await Check("who paid has the course, who did not has not", Market.EnrolledIfPaid);
        await Check("purchases and balances are what their events and postings say", async () => (await Market.Rebuild(AdminEmail, AdminPassword)).ShouldBe(0));
        await Check("each acknowledged course is there once, with one section and two lessons", _classroom.Authored);
        await Check("each enrolment, lesson and certificate is there once, and no other", _classroom.Studied);
        await Check("progress was never less than before", () => Task.Run(() => _classroom.Broken.ShouldBeEmpty()));
        await Check("certificates verify", _classroom.CertificatesVerify);
        await Check("everybody can still sign in", _classroom.EverybodySignsIn);
        await Check("every behaviour event is kept once", _visitors.Kept);
    }

    public async Task Check(string promise, Func<Task> check)
    {
        try
        {
            await check();
            Say($"held: {promise}");
        }
        catch (Exception e)
        {
            Violations.Add($"{promise}: {e.Message}");
            Say($"BROKEN: {promise}");
        }
    }

    /// <summary>The last lines of a report.</summary>
    public void Conclude(IEnumerable<PlatformUnderTest> processes, string again)
    {
        Say($"done meanwhile: {_classroom.Done}; {Market.Done}; {Conversations?.Done}; {_visitors.Done}");
        Say($"lost {Census.Lost}, doubled {Census.Doubled} of {Census.Acknowledged} acknowledged");
        foreach (var violation in Violations)
        {
            Say($"VIOLATION: {violation}");
        }

        foreach (var process in processes.Where(p => Violations.Count > 0 && p.Printed.Length > 0))
        {
            var file = Path.Combine(Path.GetTempPath(), $"edtech-chaos-{process.Url.Port}.log");
            File.WriteAllText(file, process.Printed);
            Say($"what {process.Url} printed: {file}");
        }

        Say(Violations.Count == 0 ? "every promise held" : $"{Violations.Count} violations; again with: {again}");
    }

    public void Say(string line) => print($"{_since.Elapsed:mm\\:ss}  {line}");

    async Task<long> Errors()
        => JsonNode.Parse(await platform.Infrastructure.Manage(HttpMethod.Get, $"/api/queues/{platform.Infrastructure.Prefix}"))!.AsArray()
            .Where(q => q!["name"]!.GetValue<string>() == "error").Sum(q => q!["messages"]?.GetValue<long>() ?? 0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (Conversations is not null)
        {
            await Conversations.DisposeAsync();
        }

        await Market.DisposeAsync();
        _stop.Dispose();
    }
}
