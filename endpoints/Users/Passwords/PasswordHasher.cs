using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace EdTech.Users;

/// <summary>More passwords wait to be hashed than the cores can do in a reasonable time.</summary>
sealed class HashingIsBusyException() : Exception("Passwords are hashed on every core and the queue did not move in time. Add cores or instances of the users endpoint.");

/// <summary>
/// Argon2id with OWASP's parameters. Each computation takes 19 MiB and a core for a while, so no more run at once than there are cores:
/// a flood of sign-ins waits and is then refused, instead of taking the machine's memory.
/// </summary>
sealed class PasswordHasher : IDisposable
{
    const int SaltBytes = 16;
    const int HashBytes = 32;

    static readonly PasswordParameters Present = new(MemoryKiB: 19 * 1024, Passes: 2);

    // Twice this is still less than the gateway waits for an answer: registering takes two hashes.
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2.5);

    readonly SemaphoreSlim _cores = new(Environment.ProcessorCount);

    // Nobody's password: what is compared when there is no account, so that it takes as long.
    readonly string _nobodys = Format(Present, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));
    long _computed;

    /// <summary>How many hashes were computed so far.</summary>
    public long Computed => Interlocked.Read(ref _computed);

    public async Task<string> Hash(string password, CancellationToken ct)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(Present, salt, await Compute(Present, password, salt, HashBytes, ct));
    }

    /// <summary>Compares a password with a stored hash; with nobody's, at the same cost and in vain, when there is none.</summary>
    public async Task<bool> Verify(string password, string? stored, CancellationToken ct)
    {
        var (parameters, salt, hash) = Parse(stored ?? _nobodys);
        var computed = await Compute(parameters, password, salt, hash.Length, ct);
        return CryptographicOperations.FixedTimeEquals(computed, hash) && stored is not null;
    }

    /// <summary>Whether the stored hash is weaker than what is made today, and should be made anew while the password is at hand.</summary>
    public static bool IsOutdated(string stored)
    {
        var (parameters, _, _) = Parse(stored);
        return parameters.MemoryKiB < Present.MemoryKiB || parameters.Passes < Present.Passes;
    }

    public void Dispose() => _cores.Dispose();

    async Task<byte[]> Compute(PasswordParameters parameters, string password, byte[] salt, int length, CancellationToken ct)
    {
        if (!await _cores.WaitAsync(LongestWait, ct))
        {
            throw new HashingIsBusyException();
        }

        try
        {
            Interlocked.Increment(ref _computed);
            return await Task.Run(() => Argon2id(parameters, password, salt, length), CancellationToken.None);
        }
        finally
        {
            _cores.Release();
        }
    }

    static byte[] Argon2id(PasswordParameters parameters, string password, byte[] salt, int length)
    {
        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = parameters.MemoryKiB, NumberOfPasses = parameters.Passes });
        // The same password typed on another keyboard can be another sequence of code points (NIST SP 800-63B).
        var bytes = Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC));
        try
        {
            return argon2.DeriveBytes(bytes, salt, length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    // The PHC string format.
    static string Format(PasswordParameters parameters, byte[] salt, byte[] hash)
        => string.Create(CultureInfo.InvariantCulture, $"$argon2id$v=19$m={parameters.MemoryKiB},t={parameters.Passes},p=1${Unpadded(salt)}${Unpadded(hash)}");

    static (PasswordParameters Parameters, byte[] Salt, byte[] Hash) Parse(string stored)
    {
        var parts = stored.Split('$');
        if (parts is not ["", "argon2id", "v=19", var settings, var salt, var hash]
            || settings.Split(',') is not [['m', '=', .. var memory], ['t', '=', .. var passes], "p=1"])
        {
            throw new FormatException("A stored password hash is not in the form $argon2id$v=19$m=..,t=..,p=1$salt$hash. The row was not written by this endpoint.");
        }

        return (new(int.Parse(memory, CultureInfo.InvariantCulture), int.Parse(passes, CultureInfo.InvariantCulture)), Padded(salt), Padded(hash));
    }

    static string Unpadded(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    static byte[] Padded(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    sealed record PasswordParameters(int MemoryKiB, int Passes);
}
