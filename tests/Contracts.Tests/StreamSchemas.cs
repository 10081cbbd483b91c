using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;

namespace EdTech.Contracts.Tests;

/// <summary>The JSON Schemas (2020-12) of everything in Kafka and of what clients report, made from the contracts.</summary>
static class StreamSchemas
{
    const string Uuid = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
    static readonly Assembly Contracts = typeof(ICommand).Assembly;
    static readonly JsonSerializerOptions Wire = new MessageTypes(Contracts).Wire;

    /// <summary>CloudEvents type and contract of every record.</summary>
    public static IReadOnlyList<(string Type, Type Contract)> Records { get; } =
    [
        .. Contracts.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false })
            .Select(t => (Type: typeof(IEvent).IsAssignableFrom(t) ? EventStreams.TypeOf(EventStreams.DomainOf(t.FullName!)!, t.FullName!) : t.GetCustomAttribute<StreamRecordAttribute>()?.Type, t))
            .Where(r => r.Type is not null)
            .OrderBy(r => r.Type, StringComparer.Ordinal)
            .Select(r => (r.Type!, r.t)),
    ];

    /// <summary>All schemas by their file's name.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Files { get; } = new SortedDictionary<string, JsonObject>(
        Records.ToDictionary(r => $"{r.Type}.json", r => Named(r.Type, OfRecord(r.Contract)), StringComparer.Ordinal)
            .Append(new("edtech.gateway.reported-event.v1.json", Named("edtech.gateway.reported-event.v1", OfReportedEvent())))
            .ToDictionary(StringComparer.Ordinal),
        StringComparer.Ordinal);

    static JsonObject OfRecord(Type contract)
    {
        // Records of streams are written under the options of their own context, messages under those of the bus.
        var info = typeof(IEvent).IsAssignableFrom(contract)
            ? Wire.GetTypeInfo(contract)
            : MessageTypes.JsonContextsOf([Contracts]).OfType<JsonSerializerContext>().Select(c => c.GetTypeInfo(contract)).First(i => i is not null)!;
        return Of(info, new JsonSerializerOptions(info.Options) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true });
    }

    /// <summary>One event of POST /v1/events: the envelope, and for each type its data.</summary>
    static JsonObject OfReportedEvent()
    {
        var choices = new JsonArray();
        foreach (var (type, data) in BehaviourRules.Types.OrderBy(t => t.Type, StringComparer.Ordinal))
        {
            var choice = Of(AnalyticsJson.Strict.ReportedEvent, AnalyticsJson.Strict.Options);
            var properties = choice["properties"]!.AsObject();
            properties["type"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray(type) };
            properties["at"] = new JsonObject { ["type"] = "string", ["format"] = "date-time", ["pattern"] = BehaviourRules.TimePattern };
            properties["data"] = Of(AnalyticsJson.Strict.GetTypeInfo(data)!, AnalyticsJson.Strict.Options);
            properties["page"]!["maxLength"] = BehaviourRules.MaxAddress;
            properties["referrer"]!["maxLength"] = BehaviourRules.MaxAddress;
            choices.Add(choice);
        }

        return new JsonObject { ["oneOf"] = choices };
    }

    static JsonObject Of(JsonTypeInfo info, JsonSerializerOptions options)
        => options.GetJsonSchemaAsNode(info.Type, new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => WithLimits(context.TypeInfo.Type, context.PropertyInfo?.AttributeProvider, node),
        }).AsObject();

    static JsonNode WithLimits(Type type, ICustomAttributeProvider? property, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (value == typeof(Guid))
        {
            schema["pattern"] = Uuid;
        }

        foreach (var attribute in property?.GetCustomAttributes(inherit: true) ?? [])
        {
            switch (attribute)
            {
                case StringLengthAttribute length:
                    if (length.MinimumLength > 0)
                    {
                        schema["minLength"] = length.MinimumLength;
                    }

                    schema["maxLength"] = length.MaximumLength;
                    break;
                case RangeAttribute range:
                    schema["minimum"] = JsonValue.Create(Convert.ToDecimal(range.Minimum, System.Globalization.CultureInfo.InvariantCulture));
                    schema["maximum"] = JsonValue.Create(Convert.ToDecimal(range.Maximum, System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case RegularExpressionAttribute expression:
                    schema["pattern"] = expression.Pattern;
                    break;
                case AllowedValuesAttribute allowed:
                    var choices = new JsonArray([.. allowed.Values.Select(v => JsonValue.Create((string)v!))]);
                    if (schema["type"] is JsonArray types && types.Any(t => t!.GetValue<string>() == "null"))
                    {
                        choices.Add(null);
                    }

                    schema["enum"] = choices;
                    break;
            }
        }

        return schema;
    }

    static JsonObject Named(string type, JsonObject schema)
    {
        var named = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["$id"] = $"urn:edtech:schema:{type}", ["title"] = type };
        foreach (var (name, value) in schema)
        {
            named[name] = value?.DeepClone();
        }

        return named;
    }
}
