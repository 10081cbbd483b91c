using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EdTech.StripeSimulator;

/// <summary>A report of one change, with the object as it was at that moment. Its body is rendered once and never changes.</summary>
sealed class StripeEvent : StripeObject, IDated
{
    readonly byte[] _changed;
    readonly string? _previous;

    public StripeEvent(string id, string type, long created, string? account, string? requestId, string? idempotencyKey, byte[] changed, string? previous, long sequence)
    {
        (Id, Type, Created, Owner, RequestId, IdempotencyKey, _changed, _previous, Sequence) = (id, type, created, account, requestId, idempotencyKey, changed, previous, sequence);
    }

    public string Type { get; }
    public long Created { get; }
    public string? RequestId { get; }
    public string? IdempotencyKey { get; }

    /// <summary>No receiver has answered 2xx yet.</summary>
    public bool Undelivered { get; set; }

    /// <summary>The event as it is sent and listed.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "event");
        if (Owner is not null)
        {
            json.WriteString("account", Owner);
        }

        json.WriteString("api_version", StripeRequests.Version);
        json.WriteNumber("created", Created);
        json.WriteStartObject("data");
        json.WritePropertyName("object");
        json.WriteRawValue(_changed, skipInputValidation: true);
        if (_previous is not null)
        {
            json.WritePropertyName("previous_attributes");
            json.WriteRawValue(_previous, skipInputValidation: true);
        }

        json.WriteEndObject();
        json.WriteBoolean("livemode", false);
        json.WriteNumber("pending_webhooks", Undelivered ? 1 : 0);
        json.WriteStartObject("request");
        json.WriteString("id", RequestId);
        json.WriteString("idempotency_key", IdempotencyKey);
        json.WriteEndObject();
        json.WriteString("type", Type);
        json.WriteEndObject();
    }

    public byte[] Body()
    {
        var buffer = new ArrayBufferWriter<byte>(_changed.Length + 512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = SimulatorJson.Encoder }))
        {
            Write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public void Keep(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("type", Type);
        json.WriteNumber("created", Created);
        json.WriteString("account", Owner);
        json.WriteString("request", RequestId);
        json.WriteString("key", IdempotencyKey);
        json.WriteString("previous", _previous);
        json.WriteNumber("sequence", Sequence);
        json.WriteBoolean("undelivered", Undelivered);
        json.WritePropertyName("changed");
        json.WriteRawValue(_changed, skipInputValidation: true);
        json.WriteEndObject();
    }

    public static StripeEvent Read(JsonElement kept)
    {
        return new StripeEvent(
            Text("id")!, Text("type")!, kept.GetProperty("created").GetInt64(), Text("account"), Text("request"), Text("key"),
            Encoding.UTF8.GetBytes(kept.GetProperty("changed").GetRawText()), Text("previous"), kept.GetProperty("sequence").GetInt64())
        {
            Undelivered = kept.GetProperty("undelivered").GetBoolean(),
        };

        string? Text(string name) => kept.GetProperty(name).GetString();
    }
}

/// <summary>All events in order; those a receiver has are forgotten once there are very many.</summary>
sealed class EventLog
{
    const int Most = 200_000;
    readonly Dictionary<string, StripeEvent> _byId = [];
    readonly List<StripeEvent> _all = [];

    public List<StripeEvent> All => _all;

    public StripeEvent? Find(string id) => _byId.GetValueOrDefault(id);

    public void Add(StripeEvent reported)
    {
        _byId.Add(reported.Id, reported);
        _all.Add(reported);
        if (_all.Count > Most + (Most / 10))
        {
            var old = _all.Count - Most;
            _all.Take(old).Where(entry => !entry.Undelivered).ToList().ForEach(entry => _byId.Remove(entry.Id));
            _all.RemoveAll(entry => !_byId.ContainsKey(entry.Id));
        }
    }

    public void Clear()
    {
        _byId.Clear();
        _all.Clear();
    }
}

static class StripeEvents
{
    const long KeptSeconds = 30 * 24 * 60 * 60;

    public static void Map(StripeRequests api)
    {
        api.On("GET", "/v1/events", List, "limit starting_after ending_before created type types delivery_success");
        api.On("GET", "/v1/events/{id}", Get);
    }

    static byte[] List(StripeCall call)
    {
        var types = call.Form.List("types");
        if (call.Form.Text("type") is { } one)
        {
            types.Add(one);
        }

        var oldest = call.Simulation.Now - KeptSeconds;
        var delivered = call.Form.Flag("delivery_success");
        return call.Page(
            call.Simulation.Events.All,
            entry => entry.Created >= oldest && (types.Count == 0 || types.Exists(type => Matches(entry.Type, type))) && (delivered is null || delivered == !entry.Undelivered),
            (json, entry) => entry.Write(json));
    }

    /// <summary>Stripe's filter may end with a star: <c>charge.*</c>.</summary>
    static bool Matches(string type, string filter) => filter.EndsWith('*') ? type.StartsWith(filter[..^1], StringComparison.Ordinal) : type == filter;

    static byte[] Get(StripeCall call)
        => call.Simulation.Events.Find(call.Path("id")) is { } found && found.Owner == call.Account && found.Created >= call.Simulation.Now - KeptSeconds
            ? found.Body()
            : throw StripeError.NotFound("event", call.Path("id"));
}
