using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;

namespace EdTech.Analytics;

/// <summary>
/// The stored events. A person is an account or an anonymous id.
/// <code>
/// pk EVENTS#person#2026-11-23  sk 2026-11-23T08:15:30.1230000Z#eventId   type, body (the record's JSON), expires_at
/// pk DAYS#person               sk 2026-11-23                             expires_at: that day has events
/// </code>
/// </summary>
sealed class BehaviourLog(DynamoTable table, TimeProvider time)
{
    /// <summary>How long an event is kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(400);

    const string TypePrefix = "edtech.analytics.";
    const string Time = "yyyy-MM-ddTHH:mm:ss.fffffffZ";
    const string Day = "yyyy-MM-dd";
    static readonly ConcurrentDictionary<Type, string> TypeNames = new();

    public Task Store(IReadOnlyList<BehaviourRecord> records, CancellationToken ct)
    {
        // One request must not name an item twice; of the same event the last copy is as good as any.
        var items = new Dictionary<(string, string), WriteRequest>();
        foreach (var record in records)
        {
            var person = ((IStreamRecord)record).Key;
            var expires = (record.At + Retention).ToUnixTimeSeconds();
            Put(DynamoValues.Item(EventsOf(person, DayOf(record.At)), SortKey(record.At, record.RecordId.ToString()))
                .With("type", TypeOf(record))
                .With("body", Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(record, AnalyticsJson.Default.GetTypeInfo(record.GetType())!)))
                .With("expires_at", expires));
            Put(DynamoValues.Item(DaysOf(person), DayOf(record.At)).With("expires_at", expires + 86_400));
        }

        return table.Write(items.Values, ct);

        void Put(Dictionary<string, AttributeValue> item) => items[(item["pk"].S, item["sk"].S)] = new WriteRequest(new PutRequest(item));
    }

    /// <summary>Events of these persons, newest first; at most one more than a page holds.</summary>
    public async Task<List<BehaviourEventView>> Read(IReadOnlyList<string> persons, NewestFirst place, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var before = place.Before is { } at ? SortKey(new DateTimeOffset(at, TimeSpan.Zero), place.BeforeId.ToString()!) : null;
        var found = new List<(string Sk, BehaviourEventView View)>();
        foreach (var day in (await Days(persons, now - Retention, now + TimeSpan.FromDays(2), ct)).Reverse().SkipWhile(d => before is not null && string.CompareOrdinal(d.Key, before[..10]) > 0))
        {
            var missing = place.Fetch - found.Count;
            var toSk = before is not null && before.StartsWith(day.Key, StringComparison.Ordinal) ? before : day.Key + "~";
            var pages = await Task.WhenAll(day.Value.Select(person => table.Query(EventsOf(person, day.Key), day.Key, toSk, missing + 1, newestFirst: true, ct)));
            found.AddRange(pages.SelectMany(p => p)
                .Where(i => i.Text("sk") != before && i.Number("expires_at") > now.ToUnixTimeSeconds())
                .OrderByDescending(i => i.Text("sk"), StringComparer.Ordinal)
                .DistinctBy(i => i.Text("sk")![^36..])
                .Take(missing)
                .Select(i => (i.Text("sk")!, ViewOf(i))));
            if (found.Count >= place.Fetch)
            {
                break;
            }
        }

        return [.. found.Select(f => f.View)];
    }

    /// <summary>How many events these persons have on each day from the first to the last, both included.</summary>
    public async Task<List<BehaviourDay>> Count(IReadOnlyList<string> persons, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var counts = new List<BehaviourDay>();
        foreach (var (day, who) in await Days(persons, At(from), At(to), ct))
        {
            var events = (await Task.WhenAll(who.Select(person => CountOf(EventsOf(person, day), ct)))).Sum();
            if (events > 0)
            {
                counts.Add(new BehaviourDay(DateOnly.ParseExact(day, Day, CultureInfo.InvariantCulture), events));
            }
        }

        return counts;

        static DateTimeOffset At(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
    }

    async Task<int> CountOf(string pk, CancellationToken ct)
    {
        var count = 0;
        Dictionary<string, AttributeValue>? after = null;
        do
        {
            var page = await table.Client.QueryAsync(
                new QueryRequest { TableName = table.Name, KeyConditionExpression = "pk = :pk", ExpressionAttributeValues = new() { [":pk"] = DynamoValues.Of(pk) }, Select = Select.COUNT, ExclusiveStartKey = after },
                ct);
            count += page.Count ?? 0;
            after = page.LastEvaluatedKey;
        }
        while (after is { Count: > 0 });
        return count;
    }

    /// <summary>Days in that time with events, oldest first, and whose they are.</summary>
    async Task<SortedDictionary<string, List<string>>> Days(IReadOnlyList<string> persons, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var days = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var person in persons)
        {
            foreach (var item in await table.Query(DaysOf(person), DayOf(from), DayOf(to), (int)Retention.TotalDays + 3, newestFirst: false, ct))
            {
                var day = item.Text("sk")!;
                if (!days.TryGetValue(day, out var who))
                {
                    days[day] = who = [];
                }

                who.Add(person);
            }
        }

        return days;
    }

    static BehaviourEventView ViewOf(Dictionary<string, AttributeValue> item)
    {
        using var body = JsonDocument.Parse(item["body"].S);
        var record = body.RootElement;
        var origin = record.GetProperty("origin").Deserialize(AnalyticsJson.Default.BehaviourOrigin)!;
        return new BehaviourEventView(
            record.GetProperty("recordId").GetGuid(),
            item["type"].S,
            record.GetProperty("at").GetDateTimeOffset(),
            origin.ReceivedAt,
            origin.AnonymousId,
            origin.SessionId,
            origin.App,
            origin.Page,
            origin.Referrer,
            record.GetProperty("data").Clone());
    }

    /// <summary>As clients name it: <c>video.paused</c>.</summary>
    static string TypeOf(BehaviourRecord record)
        => TypeNames.GetOrAdd(record.GetType(), static type => type.GetCustomAttribute<StreamRecordAttribute>()!.Type[TypePrefix.Length..^".v1".Length]);

    static string EventsOf(string person, string day) => $"EVENTS#{person}#{day}";

    static string DaysOf(string person) => $"DAYS#{person}";

    static string DayOf(DateTimeOffset at) => at.UtcDateTime.ToString(Day, CultureInfo.InvariantCulture);

    static string SortKey(DateTimeOffset at, string id) => $"{at.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture)}#{id}";
}
