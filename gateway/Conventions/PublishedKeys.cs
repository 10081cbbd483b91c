using Microsoft.IdentityModel.Tokens;

namespace EdTech.Gateway;

/// <summary>The public keys by which access tokens are checked, from the users worker. An unknown key id asks again, but not more often than the pause allows.</summary>
sealed class PublishedKeys(IHttpClientFactory clients, TimeProvider time, ILogger<PublishedKeys> log) : IDisposable
{
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    readonly SemaphoreSlim _gate = new(1, 1);
    volatile Snapshot _keys = new([], DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    public IEnumerable<SecurityKey> Find(string? keyId) => _keys.Keys.Where(k => string.Equals(k.KeyId, keyId, StringComparison.Ordinal));

    /// <summary>Makes sure that the key is known if it exists.</summary>
    /// <returns>False when no keys could be had at all, so that nothing can be said about any token.</returns>
    public async Task<bool> Ensure(string? keyId, CancellationToken ct)
    {
        if (!Wanting(keyId)) return true;
        await _gate.WaitAsync(ct);
        try
        {
            if (Wanting(keyId)) await Refresh(ct);
        }
        finally
        {
            _gate.Release();
        }

        return _keys.Keys.Count > 0;
    }

    bool Wanting(string? keyId)
    {
        var now = time.GetUtcNow();
        var keys = _keys;
        return (keys.FetchedAt + Lifetime < now || !Find(keyId).Any()) && keys.TriedAt + Pause < now;
    }

    async Task Refresh(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        try
        {
            using var client = clients.CreateClient("users");
            var set = new JsonWebKeySet(await client.GetStringAsync(new Uri("/internal/users/jwks", UriKind.Relative), ct));
            _keys = new([.. set.Keys], now, now);
        }
        catch (Exception exception) when (WorkerClient.MeansAway(exception))
        {
            _keys = _keys with { TriedAt = now };
            log.LogWarning("The keys of access tokens cannot be fetched from the users worker: {Reason}", exception.Message);
        }
    }

    public void Dispose() => _gate.Dispose();

    sealed record Snapshot(IReadOnlyList<SecurityKey> Keys, DateTimeOffset FetchedAt, DateTimeOffset TriedAt);
}
