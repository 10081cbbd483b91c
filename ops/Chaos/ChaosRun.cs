using System.Diagnostics;
using System.Text.RegularExpressions;
using EdTech.PlatformTesting;
using EdTech.Testing;

namespace EdTech.Chaos;

/// <summary>What is asked of a run.</summary>
/// <param name="Seed">Decides which faults come in which order, when and how long.</param>
/// <param name="Faults">How many; each kind comes once before any comes twice.</param>
/// <param name="AtMost">No more faults after this time.</param>
/// <param name="Talk">Nothing but talk, and how much of it; null for all journeys at once.</param>
public sealed record ChaosOptions(int Seed, int Faults, TimeSpan AtMost, Talk? Talk = null);

/// <summary>How much is said in a run in which people only talk.</summary>
/// <param name="People">How many talk, ten to a group.</param>
/// <param name="Messages">The run ends when as many are acknowledged; the faults are spread over them.</param>
public sealed record Talk(int People, int Messages);

/// <summary>Two instances of the platform and a third gateway at work, while processes and servers are killed, lines are cut and alarms raised.</summary>
public sealed partial class ChaosRun
{
    static readonly TimeSpan RecoveryLimit = TimeSpan.FromMinutes(3);
    readonly ChaosOptions _options;
    readonly Random _random;
    readonly Trial _trial;
    readonly PlatformUnderTest[] _instances;
    readonly IReadOnlyList<Fault> _kinds;
    readonly Queue<Fault> _next = new();
    readonly List<(string Fault, TimeSpan Time)> _recoveries = [];
    int _faults;

    ChaosRun(ChaosOptions options, Trial trial, PlatformUnderTest[] instances, IReadOnlyList<Fault> kinds)
    {
        _options = options;
        _random = new Random(options.Seed);
        _trial = trial;
        _instances = instances;
        _kinds = kinds;
    }

    /// <summary>Brings everything up, disturbs it, checks, reports, takes everything down.</summary>
    /// <param name="options">How much.</param>
    /// <param name="print">Takes each line of the report.</param>
    /// <param name="services">The servers of this run's own; the others are the environment's.</param>
    public static async Task<ChaosReport> Run(ChaosOptions options, Action<string> print, string services = "postgres rabbitmq redis mail kafka dynamodb")
    {
        print($"seed {options.Seed}, {options.Faults} faults");
        await using var servers = await FaultyStack.Up(services);
        var addresses = servers.Settings.ToDictionary(StringComparer.Ordinal);
        await using var postgres = Through("EDTECH_POSTGRES");
        await using var rabbit = Through("EDTECH_RABBITMQ");
        await using var redis = Through("EDTECH_REDIS");
        await using var dynamo = Through("EDTECH_DYNAMODB");
        await using var first = await PlatformUnderTest.StartProcess(addresses, ("EDTECH_ADMIN_EMAIL", Trial.AdminEmail), ("EDTECH_ADMIN_PASSWORD", Trial.AdminPassword));
        await using var second = await first.StartAnother();
        await using var gateway = await first.StartGateway();
        PlatformUnderTest[] instances = [first, second, gateway];
        await using var trial = new Trial(print, servers, first, instances, options.Seed, options.Talk);
        var run = new ChaosRun(options, trial, instances, Fault.All(servers, new Lines(postgres, rabbit, redis, dynamo), first, second, gateway, trial));
        try
        {
            await trial.Begin();
            await run.Disturb();
            await trial.End();
            await trial.CheckAll();
        }
        catch (Exception e)
        {
            trial.Violations.Add($"The run itself failed: {e}");
        }

        run.TellRecoveries();
        trial.Conclude(instances, options.Talk is { } talk
            ? $"ops/chaos talk --seed {options.Seed} --faults {options.Faults} --people {talk.People} --messages {talk.Messages}"
            : $"ops/chaos --seed {options.Seed} --faults {options.Faults}");
        return new ChaosReport(run._faults, trial.Violations);

        FragileLine Through(string setting)
        {
            var line = new FragileLine(new Uri($"tcp://127.0.0.1:{Port().Match(addresses[setting]).Value}"));
            addresses[setting] = Port().Replace(addresses[setting], $"{line.Address.Port}");
            return line;
        }
    }

    async Task Disturb()
    {
        for (var since = Stopwatch.StartNew(); _faults < _options.Faults && since.Elapsed < _options.AtMost;)
        {
            await Task.Delay(_random.Next(300, 1_500));
            await Said((_faults + 1) / (_options.Faults + 2.0), since);
            List<Fault> now = [Take(_ => true)];
            // Trouble seldom comes alone.
            if (_random.Next(4) == 0 && _faults + 1 < _options.Faults)
            {
                now.Add(Take(f => f.Target != now[0].Target));
            }

            _faults += now.Count;
            await Disturb(now);
        }

        await Said(1, Stopwatch.StartNew());
    }

    /// <summary>Where people only talk: until this share of the messages is acknowledged.</summary>
    async Task Said(double share, Stopwatch since)
    {
        while (_trial.Conversations.Acknowledged < (_options.Talk?.Messages ?? 0) * share && since.Elapsed < _options.AtMost)
        {
            await Task.Delay(100);
        }
    }

    Fault Take(Func<Fault, bool> fits)
    {
        while (true)
        {
            if (_next.Count == 0)
            {
                foreach (var fault in _kinds.OrderBy(_ => _random.Next()).ToArray())
                {
                    _next.Enqueue(fault);
                }
            }

            var candidate = _next.Dequeue();
            if (fits(candidate))
            {
                return candidate;
            }

            // It comes later; when nothing else is left, everything comes again.
            if (_next.Count == 0)
            {
                foreach (var fault in _kinds.Where(fits).OrderBy(_ => _random.Next()).ToArray())
                {
                    _next.Enqueue(fault);
                }
            }

            _next.Enqueue(candidate);
        }
    }

    async Task Disturb(List<Fault> faults)
    {
        var name = string.Join(" and ", faults.Select(f => f.Name));
        foreach (var fault in faults)
        {
            await fault.Break();
        }

        await Task.Delay(_random.Next(300, 2_500));
        await Task.WhenAll(faults.Select(f => f.Mend()));
        var (back, before) = (Stopwatch.GetTimestamp(), faults.ConvertAll(f => f.Progress()));
        while (!faults.Select((f, i) => f.Progress() > before[i]).All(went => went) && Stopwatch.GetElapsedTime(back) < RecoveryLimit)
        {
            await Task.Delay(10);
        }

        var time = Stopwatch.GetElapsedTime(back);
        _recoveries.Add((name, time));
        _trial.Say($"{_faults,4}  {name}: written again after {time.TotalSeconds:0.00} s");
        if (time >= RecoveryLimit)
        {
            _trial.Violations.Add($"After {name} nothing was written for {RecoveryLimit.TotalMinutes} minutes.");
        }

        await Task.WhenAll(_instances.Select(i => i.Ready()));
    }

    void TellRecoveries()
    {
        if (_recoveries.Count > 0)
        {
            var times = _recoveries.Select(r => r.Time.TotalSeconds).Order().ToArray();
            var (slowest, longest) = _recoveries.MaxBy(r => r.Time);
            _trial.Say($"{_faults} faults; recovery median {times[times.Length / 2]:0.00} s, longest {longest.TotalSeconds:0.00} s ({slowest})");
        }
    }

    [GeneratedRegex("(?<=127\\.0\\.0\\.1:|Port=)[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Port();
}

/// <summary>The lines between the platform and its servers.</summary>
sealed record Lines(FragileLine Postgres, FragileLine Rabbit, FragileLine Redis, FragileLine Dynamo);
