using EdTech.Hosting;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>
/// Keeps public answers in memory and in Redis until an event evicts them. Every tag falls into one of a fixed number of slots, each with a
/// counter of its evictions; an answer remembers the counters as they stood before it was asked for and is worthless once one of them moved. So an
/// answer that was read before a change and arrives after the change's event is never served, and nothing grows with the number of tags.
/// </summary>
sealed class AnswerCache(RedisConnection redis) : IDisposable
{
    const int Slots = 4096;
    const int MaxKeptBytes = 512 * 1024;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    readonly MemoryCache _memory = new(new MemoryCacheOptions { SizeLimit = 64 * 1024 * 1024 });
    readonly long[] _evictions = new long[Slots];
    readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 512).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>A kept answer, or the one that <paramref name="ask"/> fetches, which is kept when it is a success.</summary>
    public async Task<WorkerAnswer?> Get(string worker, string path, Cache cache, Func<Task<WorkerAnswer?>> ask)
    {
        var slots = cache.Tags.Select(SlotOf).ToArray();
        var key = $"{worker} {path}";
        if (Here(key, Counters(slots)) is { } here) return here;

        // One of many that want the same fetches it; the others wait a little, and ask themselves when that was in vain.
        var gate = _gates[SlotOf(key) % _gates.Length];
        var entered = await gate.WaitAsync(Patience);
        try
        {
            return await Fetch(key, slots, cache, ask);
        }
        finally
        {
            if (entered) gate.Release();
        }
    }

    async Task<WorkerAnswer?> Fetch(string key, int[] slots, Cache cache, Func<Task<WorkerAnswer?>> ask)
    {
        var before = Counters(slots);
        if (Here(key, before) is { } here) return here;
        var shared = await Shared(key, slots);
        if (shared.Answer is { } found)
        {
            Keep(key, found, before, cache.Lifetime);
            return found;
        }

        var answer = await ask();
        if (answer is not { Status: StatusCodes.Status200OK } || answer.Body.Length > MaxKeptBytes) return answer;
        if (answer.ETag is null) answer = answer with { ETag = $"\"{Convert.ToHexStringLower(SHA256.HashData(answer.Body.Span).AsSpan(0, 12))}\"" };
        if (before.AsSpan().SequenceEqual(Counters(slots))) Keep(key, answer, before, cache.Lifetime);
        if (shared.Counters is { } then) await redis.Try(db => db.StringSetAsync(SharedKey(key), Serialize(answer, then), cache.Lifetime), false);
        return answer;
    }

    /// <summary>Makes everything worthless that carries one of these tags, here and in the shared cache.</summary>
    public async Task Evict(params IEnumerable<string> tags)
    {
        foreach (var slot in tags.Select(SlotOf))
        {
            Interlocked.Increment(ref _evictions[slot]);
            await redis.Try(db => db.HashIncrementAsync(CountersKey, slot), 0L);
        }
    }

    WorkerAnswer? Here(string key, long[] counters) => _memory.TryGetValue<Kept>(key, out var kept) && kept!.Counters.AsSpan().SequenceEqual(counters) ? kept.Answer : null;

    RedisKey CountersKey => redis.Prefix + "gateway:evictions";

    RedisKey SharedKey(string key) => redis.Prefix + "gateway:answer:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    long[] Counters(int[] slots) => [.. slots.Select(slot => Interlocked.Read(ref _evictions[slot]))];

    void Keep(string key, WorkerAnswer answer, long[] counters, TimeSpan lifetime)
        => _memory.Set(key, new Kept(answer, counters), new MemoryCacheEntryOptions { Size = answer.Body.Length + key.Length * 2 + 200, AbsoluteExpirationRelativeToNow = lifetime });

    async Task<(WorkerAnswer? Answer, long[]? Counters)> Shared(string key, int[] slots)
    {
        var (counters, bytes) = await redis.Try(async db =>
        {
            var counters = db.HashGetAsync(CountersKey, [.. slots.Select(s => (RedisValue)s)]);
            var bytes = db.StringGetAsync(SharedKey(key));
            return ((RedisValue[]?)await counters, await bytes);
        }, (null, RedisValue.Null));
        if (counters is null) return default;
        long[] now = [.. counters.Select(c => (long)c)];
        return bytes.IsNull || JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)bytes).Span, GatewayJson.Default.SharedAnswer) is not { } shared || !shared.Counters.AsSpan().SequenceEqual(now)
            ? (null, now)
            : (new WorkerAnswer(StatusCodes.Status200OK, shared.ContentType, shared.ETag, null, shared.Body), now);
    }

    static byte[] Serialize(WorkerAnswer answer, long[] counters)
        => JsonSerializer.SerializeToUtf8Bytes(new SharedAnswer(counters, answer.ContentType, answer.ETag, answer.Body.ToArray()), GatewayJson.Default.SharedAnswer);

    static int SlotOf(string tag) => (int)(BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(tag)), 0) % Slots);

    public void Dispose()
    {
        _memory.Dispose();
        foreach (var gate in _gates) gate.Dispose();
    }

    sealed record Kept(WorkerAnswer Answer, long[] Counters);
}

/// <summary>An answer as it lies in Redis.</summary>
sealed record SharedAnswer(long[] Counters, string? ContentType, string? ETag, byte[] Body);

/// <summary>What a worker's internal API answered.</summary>
sealed record WorkerAnswer(int Status, string? ContentType, string? ETag, string? RetryAfter, ReadOnlyMemory<byte> Body);
