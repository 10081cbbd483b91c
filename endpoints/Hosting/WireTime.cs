using System.Globalization;

namespace EdTech.Hosting;

/// <summary>The instant format of NServiceBus' headers: UTC, a colon before six digits of microseconds, exactly 28 characters.</summary>
public static class WireTime
{
    const string Format = "yyyy-MM-dd HH:mm:ss:ffffff Z";

    /// <summary>Writes an instant as a header value.</summary>
    public static string ToWire(DateTimeOffset instant) => instant.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Reads a header value; null when it is not in the format.</summary>
    public static DateTimeOffset? FromWire(string? value)
        => DateTimeOffset.TryParseExact(value, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
}
