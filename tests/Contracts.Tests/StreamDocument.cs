using System.Text.Json.Nodes;
using EdTech.Contracts.Analytics;
using EdTech.Contracts.Communication;

namespace EdTech.Contracts.Tests;

/// <summary>The AsyncAPI 3.0 document of all topics, for the data team.</summary>
static class StreamDocument
{
    static readonly (StreamTopic Topic, string Key, Func<Type, bool> Carries)[] Topics =
    [
        (StreamTopics.ChatMessages, "the conversation's id", t => typeof(ChatRecord).IsAssignableFrom(t)),
        (StreamTopics.ChatReceipts, "the conversation's id", t => t == typeof(ReadReceipt)),
        (StreamTopics.AnalyticsEvents, "the account's id, or the anonymous id before sign-in", t => typeof(BehaviourRecord).IsAssignableFrom(t)),
        .. EventStreams.Domains.Select(domain => (StreamTopics.EventsOf(domain), "the aggregate's id: the first property of the body", (Func<Type, bool>)(t => typeof(IEvent).IsAssignableFrom(t) && EventStreams.DomainOf(t.FullName!) == domain))),
    ];

    public static JsonObject Make()
    {
        var channels = new JsonObject();
        var operations = new JsonObject();
        foreach (var (topic, key, carries) in Topics.OrderBy(t => t.Topic.Name, StringComparer.Ordinal))
        {
            var types = StreamSchemas.Records.Where(r => carries(r.Contract)).Select(r => r.Type).ToList();
            channels[topic.Name] = Channel(topic.Name, topic.Summary, topic.Partitions, topic.Retention, types);
            operations[$"read {topic.Name}"] = new JsonObject
            {
                ["action"] = "receive",
                ["channel"] = Ref($"#/channels/{topic.Name}"),
                ["summary"] = $"Keyed by {key}: records of one key are in order. A record may come twice, under the same ce_id.",
            };
            // Only what a worker reads can be refused by one.
            if (!topic.Name.EndsWith(".events", StringComparison.Ordinal) || topic == StreamTopics.AnalyticsEvents)
            {
                channels[topic.DeadLetter] = Channel(topic.DeadLetter, $"Records of {topic.Name} that could not be taken, with the reason in their headers. Bodies as they came, readable or not.", topic.Partitions, topic.Retention, types);
            }
        }

        var messages = new JsonObject();
        foreach (var (type, contract) in StreamSchemas.Records)
        {
            messages[type] = new JsonObject
            {
                ["name"] = type,
                ["title"] = contract.Name,
                ["contentType"] = "application/json",
                ["headers"] = Ref("#/components/schemas/cloudEvent"),
                ["payload"] = new JsonObject { ["schemaFormat"] = "application/schema+json;version=draft-2020-12", ["schema"] = Ref($"schemas/{type}.json") },
                ["bindings"] = new JsonObject { ["kafka"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "string" }, ["bindingVersion"] = "0.5.0" } },
            };
        }

        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "EdTech streams",
                ["version"] = "1",
                ["description"] = "Every topic of the platform. Records are CloudEvents 1.0 in Kafka's binary mode, at least once: ce_id tells repeats. A type's name never changes its meaning; an incompatible record is a new type (v2). An installation with another prefix than edtech replaces the first word of the topics.",
                ["license"] = new JsonObject { ["name"] = "MIT" },
            },
            ["defaultContentType"] = "application/json",
            ["channels"] = channels,
            ["operations"] = operations,
            ["components"] = new JsonObject { ["schemas"] = new JsonObject { ["cloudEvent"] = CloudEvent() }, ["messages"] = messages },
        };
    }

    static JsonObject Channel(string name, string summary, int partitions, TimeSpan retention, List<string> types)
    {
        var messages = new JsonObject();
        foreach (var type in types)
        {
            messages[type] = Ref($"#/components/messages/{type}");
        }

        return new JsonObject
        {
            ["address"] = name,
            ["summary"] = summary,
            ["messages"] = messages,
            ["bindings"] = new JsonObject
            {
                ["kafka"] = new JsonObject
                {
                    ["topic"] = name,
                    ["partitions"] = partitions,
                    ["topicConfiguration"] = new JsonObject { ["cleanup.policy"] = new JsonArray("delete"), ["retention.ms"] = (long)retention.TotalMilliseconds },
                    ["bindingVersion"] = "0.5.0",
                },
            },
        };
    }

    static JsonObject CloudEvent()
    {
        var properties = new JsonObject();
        foreach (var (name, says) in new (string, string)[]
        {
            ("ce_specversion", "1.0"),
            ("ce_id", "The record's id: the same on every repeat."),
            ("ce_type", "The message's name."),
            ("ce_source", "The endpoint that produced it."),
            ("ce_time", "When it happened, UTC, RFC 3339."),
            ("ce_dataschema", "urn:edtech:schema: and the type: the $id of the schema."),
            ("content-type", "application/json"),
            ("traceparent", "The W3C trace it belongs to; absent when there is none."),
        })
        {
            properties[name] = new JsonObject { ["type"] = "string", ["description"] = says };
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_dataschema", "content-type"),
        };
    }

    static JsonObject Ref(string to) => new() { ["$ref"] = to };
}
