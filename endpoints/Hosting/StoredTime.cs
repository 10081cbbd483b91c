namespace EdTech.Hosting;

/// <summary>Instants come from the database as UTC <see cref="DateTime"/>, which is what Dapper matches row records against.</summary>
public static class StoredTime
{
    /// <summary>The instant.</summary>
    public static DateTimeOffset Utc(this DateTime stored) => new(stored, TimeSpan.Zero);

    /// <summary>The instant, where there is one.</summary>
    public static DateTimeOffset? Utc(this DateTime? stored) => stored is { } instant ? instant.Utc() : null;
}
