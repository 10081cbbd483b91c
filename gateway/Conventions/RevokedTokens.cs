using System.Collections.Concurrent;
using System.Globalization;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>
/// Access tokens that must not be honoured although they are still valid: those of a revoked session, and those of a suspended account that were
/// issued before. Remembered for as long as such a token can live, in memory and, for gateways that start later, in Redis.
/// </summary>
sealed class RevokedTokens(RedisConnection redis, TimeProvider time)
{
    static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(11);
    const int MaxRemembered = 200_000;
    readonly ConcurrentDictionary<Guid, DateTimeOffset> _revokedAt = new();
    long _nextSweep;

    public void Subscribe(SessionSubscriptions events)
        => events.On<SessionRevoked>(e => Revoke(e.SessionId, e.At)).On<AccountSuspended>(e => Revoke(e.AccountId, e.At));

    /// <summary>What this gateway has heard; asked on every request.</summary>
    public bool IsRevoked(Guid session, Guid account, DateTimeOffset issuedAt)
        => _revokedAt.ContainsKey(session) || (_revokedAt.TryGetValue(account, out var suspendedAt) && issuedAt <= suspendedAt);

    /// <summary>What any gateway has heard; asked when a token is seen for the first time in a while.</summary>
    public async Task<bool> IsRevokedAnywhere(Guid session, Guid account, DateTimeOffset issuedAt)
    {
        if (IsRevoked(session, account, issuedAt)) return true;
        var shared = await redis.Try(db => db.StringGetAsync([Key(session), Key(account)]), []);
        if (shared.Length < 2) return false;
        if (At(shared[0]) is { } revokedAt) Remember(session, revokedAt);
        if (At(shared[1]) is { } suspendedAt) Remember(account, suspendedAt);
        return IsRevoked(session, account, issuedAt);
    }

    async Task Revoke(Guid id, DateTimeOffset at)
    {
        Remember(id, at);
        await redis.Try(db => db.StringSetAsync(Key(id), at.ToUnixTimeMilliseconds(), TokenLifetime), false);
    }

    void Remember(Guid id, DateTimeOffset at)
    {
        var now = time.GetUtcNow();
        if (now.ToUnixTimeSeconds() >= Interlocked.Read(ref _nextSweep) || _revokedAt.Count >= MaxRemembered)
        {
            Interlocked.Exchange(ref _nextSweep, now.ToUnixTimeSeconds() + 60);
            foreach (var (old, since) in _revokedAt)
                if (since + TokenLifetime < now) _revokedAt.TryRemove(old, out _);
        }

        _revokedAt[id] = at;
    }

    RedisKey Key(Guid id) => $"{redis.Prefix}gateway:revoked:{id}";

    static DateTimeOffset? At(RedisValue value)
        => long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
