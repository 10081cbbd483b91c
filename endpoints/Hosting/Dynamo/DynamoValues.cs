using System.Globalization;
using Amazon.DynamoDBv2.Model;

namespace EdTech.Hosting;

/// <summary>Values of items, written and read. An id is a string, an instant a number of milliseconds since 1970 (UTC); what is null is left out.</summary>
public static class DynamoValues
{
    /// <summary>A text.</summary>
    public static AttributeValue Of(string value) => new() { S = value };

    /// <summary>A number.</summary>
    public static AttributeValue Of(long value) => new() { N = value.ToString(CultureInfo.InvariantCulture) };

    /// <summary>An id.</summary>
    public static AttributeValue Of(Guid value) => new() { S = value.ToString() };

    /// <summary>An instant.</summary>
    public static AttributeValue Of(DateTimeOffset value) => Of(value.ToUnixTimeMilliseconds());

    /// <summary>A yes or no.</summary>
    public static AttributeValue Of(bool value) => new() { BOOL = value };

    /// <summary>Ids in their order.</summary>
    public static AttributeValue Of(IEnumerable<Guid> values) => new() { L = [.. values.Select(Of)], IsLSet = true };

    /// <summary>A new item with its keys.</summary>
    public static Dictionary<string, AttributeValue> Item(string pk, string sk) => new(StringComparer.Ordinal) { ["pk"] = Of(pk), ["sk"] = Of(sk) };

    /// <summary>Adds a text unless it is null.</summary>
    public static Dictionary<string, AttributeValue> With(this Dictionary<string, AttributeValue> item, string name, string? value) => value is null ? item : item.With(name, Of(value));

    /// <summary>Adds a number unless it is null.</summary>
    public static Dictionary<string, AttributeValue> With(this Dictionary<string, AttributeValue> item, string name, long? value) => value is null ? item : item.With(name, Of(value.Value));

    /// <summary>Adds an id unless it is null.</summary>
    public static Dictionary<string, AttributeValue> With(this Dictionary<string, AttributeValue> item, string name, Guid? value) => value is null ? item : item.With(name, Of(value.Value));

    /// <summary>Adds an instant unless it is null.</summary>
    public static Dictionary<string, AttributeValue> With(this Dictionary<string, AttributeValue> item, string name, DateTimeOffset? value) => value is null ? item : item.With(name, Of(value.Value));

    /// <summary>Adds a yes; a no is left out.</summary>
    public static Dictionary<string, AttributeValue> With(this Dictionary<string, AttributeValue> item, string name, bool value) => value ? item.With(name, Of(true)) : item;

    /// <summary>Adds a value.</summary>
    public static Dictionary<string, AttributeValue> With(this Dictionary<string, AttributeValue> item, string name, AttributeValue value)
    {
        item[name] = value;
        return item;
    }

    /// <summary>A text, or null.</summary>
    public static string? Text(this Dictionary<string, AttributeValue> item, string name) => item.GetValueOrDefault(name)?.S;

    /// <summary>A number, 0 when absent.</summary>
    public static long Number(this Dictionary<string, AttributeValue> item, string name) => item.NumberOrNull(name) ?? 0;

    /// <summary>A number, or null.</summary>
    public static long? NumberOrNull(this Dictionary<string, AttributeValue> item, string name)
        => item.GetValueOrDefault(name)?.N is { } n ? long.Parse(n, CultureInfo.InvariantCulture) : null;

    /// <summary>An id that must be there.</summary>
    public static Guid Id(this Dictionary<string, AttributeValue> item, string name) => Guid.Parse(item[name].S);

    /// <summary>An id, or null.</summary>
    public static Guid? IdOrNull(this Dictionary<string, AttributeValue> item, string name) => item.Text(name) is { } s ? Guid.Parse(s) : null;

    /// <summary>Ids in their order; none when absent.</summary>
    public static IReadOnlyList<Guid> Ids(this Dictionary<string, AttributeValue> item, string name)
        => item.GetValueOrDefault(name)?.L is { } list ? [.. list.Select(v => Guid.Parse(v.S))] : [];

    /// <summary>An instant, or null.</summary>
    public static DateTimeOffset? TimeOrNull(this Dictionary<string, AttributeValue> item, string name)
        => item.NumberOrNull(name) is { } n ? DateTimeOffset.FromUnixTimeMilliseconds(n) : null;

    /// <summary>An instant that must be there.</summary>
    public static DateTimeOffset Time(this Dictionary<string, AttributeValue> item, string name)
        => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(item[name].N, CultureInfo.InvariantCulture));

    /// <summary>A yes; a no when absent.</summary>
    public static bool Flag(this Dictionary<string, AttributeValue> item, string name) => item.GetValueOrDefault(name)?.BOOL is true;
}
