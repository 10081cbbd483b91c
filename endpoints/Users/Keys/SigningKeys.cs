using System.Security.Cryptography;
using Dapper;
using EdTech.Contracts.Users;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace EdTech.Users;

/// <summary>
/// The keys that sign access tokens. A new key is published before it signs, so that whoever checks tokens has read it by then; the one before
/// stays published until its last token is dead. All instances of this endpoint read the same rows.
/// </summary>
sealed class SigningKeys(NpgsqlDataSource db, UsersSecrets secrets, TimeProvider time) : IDisposable
{
    /// <summary>Checkers read the key set at least this often.</summary>
    public static readonly TimeSpan PublishedBefore = TimeSpan.FromMinutes(15);

    /// <summary>A token's life, and some time for clocks that differ.</summary>
    public static readonly TimeSpan PublishedAfter = SessionTokenIssuer.Lifetime + TimeSpan.FromMinutes(5);

    public static readonly TimeSpan LongestUse = TimeSpan.FromDays(90);

    static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(30);

    readonly SemaphoreSlim _reading = new(1);
    volatile Ring? _ring;

    /// <summary>The key that signs now.</summary>
    public async Task<ECDsaSecurityKey> Signing(CancellationToken ct)
    {
        var ring = await Read(ct);
        var now = time.GetUtcNow();
        return ring.Keys.LastOrDefault(k => k.ActivatesAt <= now)?.Key
            ?? throw new InvalidOperationException("No key may sign yet: the only ones in users.signing_key become active later. Is this machine's clock right?");
    }

    /// <summary>All keys that tokens in use may be signed with, and the next one.</summary>
    public async Task<KeySet> Published(CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await EnsureOne(connection, ct);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT key_id, x AS X, y AS Y
            FROM users.signing_key k
            WHERE NOT EXISTS (SELECT FROM users.signing_key later WHERE later.activates_at > k.activates_at AND later.activates_at < @deadSince)
            ORDER BY activates_at DESC
            """,
            new { deadSince = time.GetUtcNow() - PublishedAfter },
            cancellationToken: ct));
        return new KeySet([.. rows.Select(r => new PublicKey("EC", "sig", "ES256", r.KeyId, "P-256", r.X, r.Y))]);
    }

    /// <summary>A new key, published at once. Gives its id.</summary>
    public async Task<string> Add(NpgsqlConnection connection, DateTimeOffset now, DateTimeOffset activatesAt)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        var keyId = Base64UrlEncoder.Encode(SHA256.HashData([.. point.X!, .. point.Y!]).AsSpan(0, 12).ToArray());
        await connection.ExecuteAsync(
            """
            INSERT INTO users.signing_key (key_id, x, y, private_key, created_at, activates_at)
            VALUES (@keyId, @x, @y, @box, @now, @activatesAt)
            """,
            new { keyId, x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y), box = secrets.Seal(ecdsa.ExportPkcs8PrivateKey(), keyId), now, activatesAt });
        return keyId;
    }

    public void Dispose() => _reading.Dispose();

    async Task<Ring> Read(CancellationToken ct)
    {
        if (_ring is { } present && time.GetUtcNow() - present.ReadAt < ReadAgainAfter)
        {
            return present;
        }

        await _reading.WaitAsync(ct);
        try
        {
            if (_ring is { } meanwhile && time.GetUtcNow() - meanwhile.ReadAt < ReadAgainAfter)
            {
                return meanwhile;
            }

            await using var connection = await db.OpenConnectionAsync(ct);
            await EnsureOne(connection, ct);
            var rows = await connection.QueryAsync<Row>(new CommandDefinition(
                """
                SELECT key_id, private_key, activates_at
                FROM users.signing_key
                ORDER BY activates_at
                """,
                cancellationToken: ct));
            return _ring = new Ring([.. rows.Select(r => Known(r, _ring))], time.GetUtcNow());
        }
        finally
        {
            _reading.Release();
        }
    }

    RingKey Known(Row row, Ring? before)
        => before?.Keys.FirstOrDefault(k => k.Key.KeyId == row.KeyId) ?? new RingKey(Open(row), new DateTimeOffset(row.ActivatesAt, TimeSpan.Zero));

    ECDsaSecurityKey Open(Row row)
    {
        // Lives as long as the process: tokens are signed with it.
        var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(secrets.Open(row.PrivateKey, row.KeyId), out _);
        return new ECDsaSecurityKey(ecdsa) { KeyId = row.KeyId };
    }

    /// <summary>The very first key signs at once. Instances that start together make one.</summary>
    async Task EnsureOne(NpgsqlConnection connection, CancellationToken ct)
    {
        if (await Exists(connection, ct))
        {
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_xact_lock(hashtextextended('users.signing_key', 0))", cancellationToken: ct));
        if (!await Exists(connection, ct))
        {
            await Add(connection, time.GetUtcNow(), time.GetUtcNow());
        }

        await transaction.CommitAsync(ct);
    }

    static Task<bool> Exists(NpgsqlConnection connection, CancellationToken ct)
        => connection.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT EXISTS (SELECT FROM users.signing_key)", cancellationToken: ct));

    sealed record Ring(IReadOnlyList<RingKey> Keys, DateTimeOffset ReadAt);

    sealed record RingKey(ECDsaSecurityKey Key, DateTimeOffset ActivatesAt);

    sealed record Row
    {
        public string KeyId { get; init; } = "";

        public string X { get; init; } = "";

        public string Y { get; init; } = "";

        public byte[] PrivateKey { get; init; } = [];

        public DateTime ActivatesAt { get; init; }
    }
}
