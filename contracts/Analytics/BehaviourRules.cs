using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace EdTech.Contracts.Analytics;

/// <summary>A batch of reported events, as far as it holds for all of them.</summary>
/// <param name="AnonymousId">The client's id.</param>
/// <param name="SessionId">The visit.</param>
/// <param name="AccountId">Whose token came with it; null without one.</param>
/// <param name="App">Client and version.</param>
/// <param name="SentAt">When it was sent, by the client's clock.</param>
/// <param name="ReceivedAt">When it came, by ours.</param>
public sealed record BehaviourBatch(Guid AnonymousId, Guid SessionId, Guid? AccountId, string App, DateTimeOffset SentAt, DateTimeOffset ReceivedAt);

/// <summary>
/// Which reported events are taken. The limits are the attributes of the records, from which the JSON Schemas in contracts/schemas are made too: a test
/// holds both to the same verdicts.
/// </summary>
public static partial class BehaviourRules
{
    /// <summary>How old a reported event may be; older ones were kept by a client that was offline for too long.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    /// <summary>At most so many characters of a page or referrer are read, and a quarter of them kept.</summary>
    public const int MaxAddress = 2_000;

    /// <summary>RFC 3339 with at most seven digits of a second.</summary>
    public const string TimePattern = @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})$";

    const int KeptAddress = 500;

    /// <summary>Clocks that are closer are taken as right, or a repeat of an event would get another time on its way.</summary>
    static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    static readonly FrozenDictionary<string, BehaviourKind> Kinds = new BehaviourKind[]
    {
        BehaviourKind.Of<PageViewedData>("page.viewed", (id, at, origin, data) => new PageViewed(id, at, origin, data)),
        BehaviourKind.Of<SearchPerformedData>("search.performed", (id, at, origin, data) => new SearchPerformed(id, at, origin, data)),
        BehaviourKind.Of<CourseViewedData>("course.viewed", (id, at, origin, data) => new CourseViewed(id, at, origin, data)),
        BehaviourKind.Of<LessonOpenedData>("lesson.opened", (id, at, origin, data) => new LessonOpened(id, at, origin, data)),
        BehaviourKind.Of<VideoPlayedData>("video.played", (id, at, origin, data) => new VideoPlayed(id, at, origin, data)),
        BehaviourKind.Of<VideoPausedData>("video.paused", (id, at, origin, data) => new VideoPaused(id, at, origin, data)),
        BehaviourKind.Of<VideoSeekedData>("video.seeked", (id, at, origin, data) => new VideoSeeked(id, at, origin, data)),
        BehaviourKind.Of<VideoCompletedData>("video.completed", (id, at, origin, data) => new VideoCompleted(id, at, origin, data)),
        BehaviourKind.Of<QuizStartedData>("quiz.started", (id, at, origin, data) => new QuizStarted(id, at, origin, data)),
        BehaviourKind.Of<CheckoutStartedData>("checkout.started", (id, at, origin, data) => new CheckoutStarted(id, at, origin, data)),
        BehaviourKind.Of<CtaClickedData>("cta.clicked", (id, at, origin, data) => new CtaClicked(id, at, origin, data)),
        BehaviourKind.Of<ErrorShownData>("error.shown", (id, at, origin, data) => new ErrorShown(id, at, origin, data)),
    }.ToFrozenDictionary(k => k.Type, StringComparer.Ordinal);

    /// <summary>Types that clients may report, with the type of their data.</summary>
    public static IEnumerable<(string Type, Type Data)> Types => Kinds.Values.Select(k => (k.Type, k.Data));

    /// <summary>Makes the stream's record of a reported event, or says why it is not taken. The sentence names the field and the rule, never the value.</summary>
    public static (BehaviourRecord? Record, string? Code, string? Message) Read(JsonElement reported, BehaviourBatch batch)
    {
        ReportedEvent item;
        try
        {
            item = reported.Deserialize(AnalyticsJson.Strict.ReportedEvent) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            return Malformed("", e);
        }

        if (item.EventId == Guid.Empty)
        {
            return (null, "event.malformed", "eventId must not be the empty UUID: the event could not be told from others.");
        }

        if (!Kinds.TryGetValue(item.Type, out var kind))
        {
            return (null, "event.type_unknown", "The platform knows no such type; see contracts/schemas for those it knows.");
        }

        if (TooLong(item.Page) || TooLong(item.Referrer))
        {
            return (null, "event.out_of_limits", $"page and referrer have at most {MaxAddress.ToString(CultureInfo.InvariantCulture)} characters.");
        }

        if (!TimeShape().IsMatch(item.At) || !DateTimeOffset.TryParse(item.At, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clientTime))
        {
            return (null, "event.malformed", "at must be a time with seconds and offset (RFC 3339).");
        }

        if (clientTime > batch.SentAt + Tolerance)
        {
            return (null, "event.in_the_future", "at is later than the batch's sentAt.");
        }

        if (clientTime < batch.SentAt - MaxAge)
        {
            return (null, "event.too_old", $"at is more than {MaxAge.TotalDays.ToString(CultureInfo.InvariantCulture)} days before the batch's sentAt.");
        }

        object data;
        try
        {
            data = item.Data.Deserialize(kind.Json) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            return Malformed("data", e);
        }

        if (kind.Fault(data) is { } fault)
        {
            return (null, "event.out_of_limits", $"data.{fault}");
        }

        var origin = new BehaviourOrigin(batch.AnonymousId, batch.SessionId, batch.AccountId, batch.App, batch.ReceivedAt, Trimmed(item.Page), Trimmed(item.Referrer));
        return (kind.Make(item.EventId, (clientTime + Correction(batch)).ToUniversalTime(), origin, data), null, null);
    }

    /// <summary>The record that tells once that an anonymous id is an account's.</summary>
    public static IdentityMerged Merge(Guid accountId, BehaviourBatch batch)
    {
        Span<byte> ids = stackalloc byte[32];
        batch.AnonymousId.TryWriteBytes(ids, bigEndian: true, out _);
        accountId.TryWriteBytes(ids[16..], bigEndian: true, out _);
        var hash = SHA256.HashData(ids).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: a UUID whose bits are ours
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        var origin = new BehaviourOrigin(batch.AnonymousId, batch.SessionId, accountId, batch.App, batch.ReceivedAt);
        return new IdentityMerged(new Guid(hash, bigEndian: true), batch.ReceivedAt, origin, new IdentityMergedData(batch.AnonymousId, accountId));
    }

    /// <summary>
    /// What is added to a client's times: nothing while its clock is about right, else how wrong it is, to the minute. A repeat of the batch takes another
    /// way through the network, and must come to the same time all the same.
    /// </summary>
    static TimeSpan Correction(BehaviourBatch batch)
    {
        var off = batch.ReceivedAt - batch.SentAt;
        return off.Duration() <= Tolerance ? TimeSpan.Zero : TimeSpan.FromMinutes(Math.Round(off.TotalMinutes));
    }

    static bool TooLong(string? address) => address?.Length > MaxAddress && address.EnumerateRunes().Count() > MaxAddress;

    /// <summary>Without query and fragment, which hold tokens and what people typed.</summary>
    static string? Trimmed(string? address)
    {
        if (address is null)
        {
            return null;
        }

        var end = address.AsSpan().IndexOfAny('?', '#');
        var kept = Math.Min(end < 0 ? address.Length : end, KeptAddress);
        return address[..(kept > 0 && kept < address.Length && char.IsHighSurrogate(address[kept - 1]) ? kept - 1 : kept)];
    }

    static (BehaviourRecord?, string?, string?) Malformed(string within, JsonException e)
    {
        var path = e.Path is ['$', '.', .. { Length: > 0 and <= 60 } rest] ? rest : "";
        var name = within.Length > 0 && path.Length > 0 ? $"{within}.{path}" : within + path;
        var missing = MissingProperties().Match(e.Message);
        return (null, "event.malformed", missing.Success
            ? $"{(within.Length > 0 ? within + "." : "")}{missing.Groups["name"].Value} is required."
            : $"{(name.Length > 0 ? name : "The event")} has the wrong type, is not known or is given twice.");
    }

    [GeneratedRegex(TimePattern, RegexOptions.ExplicitCapture, 100)]
    private static partial Regex TimeShape();

    [GeneratedRegex("missing required properties including: '(?<name>[^']{1,60})'", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex MissingProperties();
}

/// <summary>One type of reported event: how its data is read and which limits hold.</summary>
sealed class BehaviourKind
{
    readonly (string Name, Func<object, object?> Get, Func<object, string?>[] Rules)[] _limits;

    BehaviourKind(string type, Type data, JsonTypeInfo json, Func<Guid, DateTimeOffset, BehaviourOrigin, object, BehaviourRecord> make)
    {
        Type = type;
        Data = data;
        Json = json;
        Make = make;
        _limits = [.. from property in data.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                      let rules = property.GetCustomAttributes().Select(RuleOf).OfType<Func<object, string?>>().ToArray()
                      where rules.Length > 0
                      select (JsonNamingPolicy.CamelCase.ConvertName(property.Name), GetterOf(property), rules)];
    }

    public string Type { get; }

    public Type Data { get; }

    public JsonTypeInfo Json { get; }

    public Func<Guid, DateTimeOffset, BehaviourOrigin, object, BehaviourRecord> Make { get; }

    public static BehaviourKind Of<TData>(string type, Func<Guid, DateTimeOffset, BehaviourOrigin, TData, BehaviourRecord> make)
        => new(type, typeof(TData), AnalyticsJson.Strict.GetTypeInfo(typeof(TData))!, (id, at, origin, data) => make(id, at, origin, (TData)data));

    /// <summary>The first limit that does not hold, as "field rule", or null.</summary>
    public string? Fault(object data)
    {
        foreach (var (name, get, rules) in _limits)
        {
            if (get(data) is not { } value)
            {
                continue;
            }

            foreach (var rule in rules)
            {
                if (rule(value) is { } broken)
                {
                    return $"{name} {broken}";
                }
            }
        }

        return null;
    }

    Func<object, object?> GetterOf(PropertyInfo property)
        => Json.Properties.Single(p => p.Name == JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Get!;

    static Func<object, string?>? RuleOf(Attribute attribute)
    {
        switch (attribute)
        {
            case StringLengthAttribute length:
                var lengthRule = $"has {(length.MinimumLength > 0 ? length.MinimumLength.ToString(CultureInfo.InvariantCulture) + " to" : "at most")} {length.MaximumLength.ToString(CultureInfo.InvariantCulture)} characters.";
                return value => Fits((string)value, length) ? null : lengthRule;
            case RangeAttribute range:
                var (least, most) = (Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
                var rangeRule = string.Create(CultureInfo.InvariantCulture, $"is between {least} and {most}.");
                return value => Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && number >= least && number <= most ? null : rangeRule;
            case RegularExpressionAttribute expression:
                var regex = new Regex(expression.Pattern, RegexOptions.ExplicitCapture | RegexOptions.Compiled, TimeSpan.FromMilliseconds(100));
                return value => regex.Match((string)value) is { Success: true } match && match.Length == ((string)value).Length ? null : $"matches {expression.Pattern}";
            case AllowedValuesAttribute allowed:
                var choice = $"is one of {string.Join(", ", allowed.Values)}.";
                return value => allowed.Values.Contains(value) ? null : choice;
            default:
                return null;
        }
    }

    /// <summary>JSON Schema counts characters (code points), not UTF-16 units.</summary>
    static bool Fits(string text, StringLengthAttribute length)
    {
        if (text.Length <= length.MaximumLength && length.MinimumLength == 0)
        {
            return true;
        }

        var characters = text.EnumerateRunes().Count();
        return characters >= length.MinimumLength && characters <= length.MaximumLength;
    }
}
