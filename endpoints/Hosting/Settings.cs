using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>Reads the platform's settings (environment variables <c>EDTECH_...</c>, overridden by the command line) and says what to do about a missing one.</summary>
public static class Settings
{
    /// <summary>A setting that must be there.</summary>
    /// <exception cref="InvalidOperationException">It is missing; the text says how to set it.</exception>
    public static string Required(this IConfiguration configuration, string name)
        => configuration[name] is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"Setting {name} is missing. `ops/stack up` writes all of them to a file named `env` in its state directory: source it, or set {name} yourself.");

    /// <summary>Connection string of this worker's database: <c>EDTECH_USERS_POSTGRES</c>, else <c>EDTECH_POSTGRES</c> with the database <c>edtech_users</c>.</summary>
    public static string Database(this IConfiguration configuration, string shortName)
    {
        if (configuration[$"EDTECH_{shortName.ToUpperInvariant()}_POSTGRES"] is { Length: > 0 } own)
        {
            return own;
        }

        return new NpgsqlConnectionStringBuilder(configuration.Required("EDTECH_POSTGRES"))
        {
            Database = configuration.StorageName(shortName),
        }.ConnectionString;
    }

    /// <summary>Name of a worker's database, or of its DynamoDB table: <c>edtech_users</c>; <c>EDTECH_DATABASE_PREFIX</c> says another first word.</summary>
    public static string StorageName(this IConfiguration configuration, string shortName)
        => $"{configuration["EDTECH_DATABASE_PREFIX"] ?? "edtech"}_{shortName}";

    /// <summary>Address of a worker's internal API: <c>EDTECH_USERS_URL</c>.</summary>
    public static Uri WorkerUrl(this IConfiguration configuration, string shortName)
        => new(configuration.Required($"EDTECH_{shortName.ToUpperInvariant()}_URL"));

    /// <summary>Address under which the public reaches the gateway, for links: <c>EDTECH_PUBLIC_URL</c>, else <c>EDTECH_GATEWAY_URL</c>. Without a trailing slash.</summary>
    public static string PublicUrl(this IConfiguration configuration)
        => (configuration["EDTECH_PUBLIC_URL"] ?? configuration.Required("EDTECH_GATEWAY_URL")).TrimEnd('/');

    /// <summary>A 32 byte key for one purpose, derived from <c>EDTECH_SECRET_KEY</c> (HKDF, RFC 5869), so that no two uses share a key.</summary>
    public static byte[] DeriveKey(this IConfiguration configuration, string purpose)
        => HKDF.DeriveKey(HashAlgorithmName.SHA256, Convert.FromBase64String(configuration.Required("EDTECH_SECRET_KEY")), 32, info: Encoding.UTF8.GetBytes(purpose));
}
