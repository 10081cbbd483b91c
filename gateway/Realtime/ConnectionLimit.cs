using EdTech.Hosting;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>
/// How many connections a person has to all gateways: one line each in Redis, good for a minute and written again every twenty seconds, so that those
/// of a gateway that died stop counting. While Redis is away each gateway counts its own (<see cref="HubSockets"/>).
/// </summary>
sealed class ConnectionLimit(RedisConnection redis, TimeProvider time)
{
    /// <summary>Connections of one person.</summary>
    public const int MaxPerPerson = 20;

    const int LifetimeMilliseconds = 60_000;
    static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(20);

    /// <summary>Writes lines (KEYS: the person; ARGV: lifetime, most, connections); 0 when there are too many with them, and then they are not written.</summary>
    const string WriteScript =
        """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        for i = 3, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        if redis.call('ZCARD', KEYS[1]) <= tonumber(ARGV[2]) then return 1 end
        for i = 3, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
        return 0
        """;

    DateTimeOffset _refreshAt;

    /// <summary>Whether the person may have this connection too.</summary>
    public Task<bool> MayHave(HubSocket socket) => Write(socket.By.Id, MaxPerPerson, [socket.Id]);

    public Task Leave(HubSocket socket) => redis.Try(db => db.SortedSetRemoveAsync(Key(socket.By.Id), socket.Id), false);

    /// <summary>Every second; writes every twenty. Who left in the same moment may be written again, and counts for a minute more.</summary>
    public async Task Refresh(IEnumerable<HubSocket> sockets)
    {
        var now = time.GetUtcNow();
        if (now < _refreshAt) return;
        _refreshAt = now + RefreshEvery;
        foreach (var chunk in sockets.Where(s => !s.IsClosing).GroupBy(s => s.By.Id).Chunk(500))
            await Task.WhenAll(chunk.Select(own => Write(own.Key, int.MaxValue, own.Select(s => s.Id))));
    }

    Task<bool> Write(Guid account, int most, IEnumerable<string> connections)
        => redis.Try(async db => (long)await db.ScriptEvaluateAsync(WriteScript, [Key(account)], [LifetimeMilliseconds, most, .. connections.Select(c => (RedisValue)c)]) == 1, true);

    RedisKey Key(Guid account) => $"{redis.Prefix}rt:connections:{account}";
}
