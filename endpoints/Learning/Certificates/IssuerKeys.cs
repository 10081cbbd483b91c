using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.Configuration;
using Npgsql;
using NSec.Cryptography;

namespace EdTech.Learning;

/// <summary>
/// The platform's keys as issuer of certificates. The first is made by whoever needs it first; its private half lies in the database under a key
/// derived from EDTECH_SECRET_KEY.
/// </summary>
sealed class IssuerKeys(NpgsqlDataSource db, IConfiguration configuration, TimeProvider time) : IDisposable
{
    readonly SemaphoreSlim loading = new(1, 1);
    readonly ConcurrentDictionary<string, PublicKey?> known = new(StringComparer.Ordinal);
    SigningKey? current;

    /// <summary>Public address of the platform, without a slash at its end.</summary>
    public string PublicUrl { get; } = (configuration["EDTECH_PUBLIC_URL"] ?? configuration["EDTECH_GATEWAY_URL"] ?? "http://127.0.0.1:5080").TrimEnd('/');

    /// <summary>Who issues: the address of the issuer's profile.</summary>
    public string IssuerId => $"{PublicUrl}/v1/issuer";

    /// <summary>The address of a key within the issuer's profile.</summary>
    public string MethodOf(string multikey) => $"{IssuerId}#{multikey}";

    /// <summary>The key that signs now.</summary>
    public async Task<SigningKey> Current(CancellationToken cancellationToken)
    {
        if (current is { } loaded)
            return loaded;

        await loading.WaitAsync(cancellationToken);
        try
        {
            return current ??= await Load(cancellationToken);
        }
        finally
        {
            loading.Release();
        }
    }

    /// <summary>All keys with which certificates were ever signed, newest first; at most 100.</summary>
    public async Task<IReadOnlyList<string>> All(CancellationToken cancellationToken)
    {
        await Current(cancellationToken);
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        var keys = await connection.QueryAsync<string>(
            """
            SELECT multikey
            FROM learning.issuer_key
            ORDER BY created_at DESC
            LIMIT 100
            """);
        return keys.AsList();
    }

    /// <summary>The key behind a verification method, if it is one of ours.</summary>
    public async Task<Func<string, PublicKey?>> Trusted(CancellationToken cancellationToken)
    {
        var methods = (await All(cancellationToken)).ToDictionary(MethodOf, StringComparer.Ordinal);
        return method => methods.TryGetValue(method, out var multikey) ? known.GetOrAdd(multikey, DataIntegrity.FromMultikey) : null;
    }

    public void Dispose()
    {
        loading.Dispose();
        current?.Key.Dispose();
    }

    async Task<SigningKey> Load(CancellationToken cancellationToken)
    {
        await using var connection = await db.OpenConnectionAsync(cancellationToken);
        var stored = await Stored(connection);
        if (stored is null)
        {
            using var fresh = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
            var multikey = DataIntegrity.Multikey(fresh.PublicKey.Export(KeyBlobFormat.RawPublicKey));

            // Two processes may get here together: the index lets one of them in, and both use what it wrote.
            await connection.ExecuteAsync(
                """
                INSERT INTO learning.issuer_key (multikey, sealed_private_key, created_at)
                VALUES (@multikey, @sealed, @now)
                ON CONFLICT DO NOTHING
                """,
                new { multikey, @sealed = Seal(fresh.Export(KeyBlobFormat.RawPrivateKey), multikey), now = time.GetUtcNow() });
            stored = (await Stored(connection))!;
        }

        return new SigningKey(
            Key.Import(SignatureAlgorithm.Ed25519, Open(stored.SealedPrivateKey, stored.Multikey), KeyBlobFormat.RawPrivateKey),
            MethodOf(stored.Multikey));
    }

    static Task<StoredKey?> Stored(NpgsqlConnection connection)
        => connection.QuerySingleOrDefaultAsync<StoredKey>(
            """
            SELECT multikey, sealed_private_key AS SealedPrivateKey
            FROM learning.issuer_key
            WHERE retired_at IS NULL
            """);

    byte[] Seal(byte[] privateKey, string multikey)
    {
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        var cipher = new byte[privateKey.Length];
        using var aes = new AesGcm(WrappingKey(), tag.Length);
        aes.Encrypt(nonce, privateKey, cipher, tag, Encoding.UTF8.GetBytes(multikey));
        return [.. nonce, .. tag, .. cipher];
    }

    byte[] Open(ReadOnlySpan<byte> box, string multikey)
    {
        var nonce = AesGcm.NonceByteSizes.MaxSize;
        var tag = AesGcm.TagByteSizes.MaxSize;
        var privateKey = new byte[box.Length - nonce - tag];
        using var aes = new AesGcm(WrappingKey(), tag);
        try
        {
            aes.Decrypt(box[..nonce], box[(nonce + tag)..], box[nonce..(nonce + tag)], privateKey, Encoding.UTF8.GetBytes(multikey));
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException($"The issuer key {multikey} cannot be opened with the present EDTECH_SECRET_KEY. Start with the secret key under which it was made.", e);
        }

        return privateKey;
    }

    byte[] WrappingKey()
    {
        var secret = configuration["EDTECH_SECRET_KEY"]
            ?? throw new InvalidOperationException("EDTECH_SECRET_KEY is not set. Certificates need it: 32 bytes in base64, the same for all processes.");
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, Convert.FromBase64String(secret), 32, info: "edtech.learning.issuer-key"u8.ToArray());
    }

    sealed record StoredKey(string Multikey, byte[] SealedPrivateKey);
}

/// <summary>A key to sign with and where its public half is published.</summary>
sealed record SigningKey(Key Key, string VerificationMethod);
