using System.Security.Cryptography;
using System.Text;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;

namespace EdTech.Users;

/// <summary>Everything that this endpoint does with the platform's secret key: one derived key per purpose.</summary>
sealed class UsersSecrets(IConfiguration configuration)
{
    const int NonceBytes = 12;
    const int TagBytes = 16;

    readonly byte[] _oneTimeToken = configuration.DeriveKey("one-time-token");
    readonly byte[] _refreshToken = configuration.DeriveKey("refresh-token");
    readonly byte[] _recoveryCode = configuration.DeriveKey("recovery-code");
    readonly byte[] _throttle = configuration.DeriveKey("sign-in-throttle");
    readonly byte[] _requestHash = configuration.DeriveKey("credential-request");
    readonly byte[] _sealing = configuration.DeriveKey("users-sealing");

    public byte[] OneTimeTokenMac(Guid mailId, Guid accountId, string purpose)
        => HMACSHA256.HashData(_oneTimeToken, (byte[])[.. mailId.ToByteArray(bigEndian: true), .. accountId.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(purpose)]);

    public byte[] SuccessorOf(ReadOnlySpan<byte> refreshToken) => HMACSHA256.HashData(_refreshToken, refreshToken);

    public byte[] RecoveryCodeHash(Guid accountId, string code)
        => HMACSHA256.HashData(_recoveryCode, (byte[])[.. accountId.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(code)]);

    public byte[] ThrottleKey(string what) => HMACSHA256.HashData(_throttle, Encoding.UTF8.GetBytes(what));

    /// <summary>A request's hash covers its password: kept as it is, it would be a fast hash of it to guess at.</summary>
    public string BlindRequestHash(string requestHash) => Convert.ToHexStringLower(HMACSHA256.HashData(_requestHash, Encoding.UTF8.GetBytes(requestHash)));

    /// <summary>AES-256-GCM; <paramref name="purpose"/> is bound in, so that a sealed secret cannot be moved to another row.</summary>
    public byte[] Seal(ReadOnlySpan<byte> secret, string purpose)
    {
        var box = new byte[NonceBytes + secret.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_sealing, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), secret, box.AsSpan(NonceBytes, secret.Length), box.AsSpan(NonceBytes + secret.Length), Encoding.UTF8.GetBytes(purpose));
        return box;
    }

    public byte[] Open(ReadOnlySpan<byte> box, string purpose)
    {
        var secret = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_sealing, TagBytes);
        aes.Decrypt(box[..NonceBytes], box.Slice(NonceBytes, secret.Length), box[^TagBytes..], secret, Encoding.UTF8.GetBytes(purpose));
        return secret;
    }
}
