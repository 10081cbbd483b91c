namespace EdTech.Learning;

/// <summary>Instants come from the database as UTC <see cref="DateTime"/>, which is what Dapper matches row records against.</summary>
static class StoredTime
{
    public static DateTimeOffset Utc(this DateTime stored) => new(stored, TimeSpan.Zero);

    public static DateTimeOffset? Utc(this DateTime? stored) => stored is { } instant ? instant.Utc() : null;
}
