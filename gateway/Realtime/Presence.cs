using System.Collections.Concurrent;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>
/// Who is connected to any gateway. Each gateway writes its own line for each of its people, good for a minute, and writes it again in time; so those
/// of a gateway that died go offline a minute later. While Redis is away nobody knows, and that is what is said.
/// </summary>
sealed class Presence(RedisConnection redis, HubSockets sockets, FanOut fanOut, TimeProvider time)
{
    public const string Online = "online";
    public const string Offline = "offline";
    public const string Unknown = "unknown";

    const int LifetimeMilliseconds = 60_000;
    static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(20);

    /// <summary>A page that is loaded anew is gone for a moment, which nobody needs to hear of.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>Writes the gateway's line (KEYS: the person; ARGV: gateway, lifetime); 1 when nobody had one.</summary>
    const string ArriveScript =
        """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        local before = redis.call('ZCARD', KEYS[1])
        redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return before == 0 and 1 or 0
        """;

    /// <summary>Removes the gateway's line; 1 when it was the last.</summary>
    const string LeaveScript =
        """
        local t = redis.call('TIME')
        local removed = redis.call('ZREM', KEYS[1], ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', t[1] * 1000 + math.floor(t[2] / 1000))
        return removed == 1 and redis.call('ZCARD', KEYS[1]) == 0 and 1 or 0
        """;

    const string AskScript =
        """
        local t = redis.call('TIME')
        return redis.call('ZCOUNT', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000), '+inf')
        """;

    readonly string _gateway = Guid.NewGuid().ToString("N");
    readonly ConcurrentDictionary<Guid, byte> _written = new();
    readonly ConcurrentDictionary<Guid, DateTimeOffset> _leaving = new();
    DateTimeOffset _refreshAt;

    public Task Arrive(Guid account)
    {
        _leaving.TryRemove(account, out _);
        return _written.TryAdd(account, 0) ? Written(account) : Task.CompletedTask;
    }

    /// <summary>How it is with these people now.</summary>
    public async Task<PresenceView[]> Of(IReadOnlyList<Guid> accounts)
    {
        var known = await redis.Try(async db => await Task.WhenAll(accounts.Select(async a => (long)await db.ScriptEvaluateAsync(AskScript, [Key(a)]) > 0)), []);
        return [.. accounts.Select((a, i) => new PresenceView(a, known.Length == 0 ? Unknown : known[i] ? Online : Offline))];
    }

    /// <summary>Every second: takes off who has gone; every twenty, writes again who is here and looks after those who are watched.</summary>
    public async Task Refresh()
    {
        var now = time.GetUtcNow();
        foreach (var account in _written.Keys.Where(a => !sockets.IsHere(a))) _leaving.TryAdd(account, now + Grace);
        foreach (var (account, at) in _leaving)
        {
            if (at > now || !_leaving.TryRemove(account, out _)) continue;
            _written.TryRemove(account, out _);
            if (sockets.IsHere(account)) await Arrive(account);
            else if (await redis.Try(async db => (long)await db.ScriptEvaluateAsync(LeaveScript, [Key(account)], [_gateway]), 0) == 1) await Tell(account, Offline);
        }

        if (now < _refreshAt) return;
        _refreshAt = now + RefreshEvery;
        foreach (var chunk in sockets.People.Chunk(500)) await Task.WhenAll(chunk.Select(Written));
        await LookAfter([.. sockets.All.SelectMany(s => s.Watched.Accounts).Distinct()]);
    }

    /// <summary>A gateway that died told nobody that its people have gone.</summary>
    async Task LookAfter(Guid[] watched)
    {
        foreach (var chunk in watched.Chunk(500))
            foreach (var view in await Of(chunk))
                if (view.Status != Unknown) fanOut.Deliver(RealtimeChannels.Presence(view.AccountId), new RealtimeFrame(FrameTypes.Presence, AccountId: view.AccountId, Detail: view.Status));
    }

    async Task Written(Guid account)
    {
        if (await redis.Try(async db => (long)await db.ScriptEvaluateAsync(ArriveScript, [Key(account)], [_gateway, LifetimeMilliseconds]), 0) == 1) await Tell(account, Online);
    }

    Task Tell(Guid account, string status) => fanOut.Publish(RealtimeChannels.Presence(account), new RealtimeFrame(FrameTypes.Presence, AccountId: account, Detail: status));

    RedisKey Key(Guid account) => $"{redis.Prefix}rt:online:{account}";
}
