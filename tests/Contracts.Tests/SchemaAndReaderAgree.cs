using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using EdTech.Contracts.Analytics;
using NJsonSchema;
using Shouldly;

namespace EdTech.Contracts.Tests;

/// <summary>The schema that clients are given and the reader that judges them come to the same verdict.</summary>
public sealed class SchemaAndReaderAgree
{
    static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 15, 30, TimeSpan.Zero);
    static readonly BehaviourBatch Batch = new(Guid.NewGuid(), Guid.NewGuid(), null, "web 1.0", Now, Now);
    static readonly Lazy<Task<JsonSchema>> Schema = new(() => JsonSchema.FromJsonAsync(StreamSchemas.Files["edtech.gateway.reported-event.v1.json"].ToJsonString()));

    // Not the thirtieth of February: whether a validator reads more of a format than its pattern is the validator's choice.
    static readonly string[] Values =
    [
        "null", "true", "42", "0", "-1", "0.5", "1e9", "599", "600", "86400", "86401", "4", "4.01", "0.25", "0.2", "10000", "10001",
        "\"\"", "\"x\"", "\"course.enrol\"", "\"Course\"", "\"search\"", "\"Search\"", "\"lessons\"", "{}", "[]", "[1]", "\"a b\"", "\"-\"",
        "\"2026-11-23T08:15:30Z\"", "\"2026-11-23T08:15:30.1234567+00:00\"", "\"2026-11-23T08:15:30\"", "\"2026-11-23\"", "\"2026-11-23T08:15Z\"", "\"2026-11-23 08:15:30Z\"",
        "\"2026-11-23T08:15:30.12345678Z\"", "\"0f0e0d0c-0b0a-4908-8706-050403020100\"", "\"0F0E0D0C-0B0A-4908-8706-050403020100\"", "\"0f0e0d0c0b0a49088706050403020100\"", "\"{0f0e0d0c-0b0a-4908-8706-050403020100}\"",
        JsonSerializer.Serialize(new string('x', 64)), JsonSerializer.Serialize(new string('x', 65)), JsonSerializer.Serialize(new string('x', 200)), JsonSerializer.Serialize(new string('x', 201)),
        JsonSerializer.Serialize(new string('x', 2_000)), JsonSerializer.Serialize(new string('x', 2_001)),
    ];

    public static TheoryData<string> Types => new(BehaviourRules.Types.Select(t => t.Type).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Every_field_of_every_type_with_every_value(string type)
    {
        var sample = Sample(type);
        (await Verdict(sample)).ShouldBe((true, true), sample.ToJsonString());
        foreach (var (holder, name) in Fields(sample))
        {
            await Agree(sample, holder, o => o.Remove(name));
            await Agree(sample, holder, o => o["unknown"] = 1);
            await Agree(sample, holder, o =>
            {
                var value = o[name]?.DeepClone();
                o.Remove(name);
                o[char.ToUpperInvariant(name[0]) + name[1..]] = value;
            });
            foreach (var value in Values)
            {
                await Agree(sample, holder, o => o[name] = JsonNode.Parse(value));
            }
        }
    }

    [Fact]
    public async Task Any_number_and_any_text()
    {
        var samples = BehaviourRules.Types.Select(t => Sample(t.Type)).ToArray();
        var schema = await Schema.Value;
        Gen.Select(Gen.Int[0, samples.Length - 1], Gen.Int[0, 100], Gen.OneOf(Gen.Int.Select(i => JsonValue.Create(i)!), Gen.Int[-1_000_000_000, 1_000_000_000].Where(i => i % 1000 != 0).Select(i => i / 1000.0).Select(d => JsonValue.Create(d)!), Gen.String[0, 210].Where(Sound).Select(s => JsonValue.Create(s)!)))
            .Sample((which, field, value) =>
            {
                var item = samples[which].DeepClone().AsObject();
                var fields = Fields(item).ToArray();
                var (holder, name) = fields[field % fields.Length];
                Holder(item, holder)[name] = value.DeepClone();
                var text = item.ToJsonString();
                Read(text).ShouldBe(schema.Validate(text).Count == 0, text);
            });
    }

    /// <summary>By the standard a character is a code point; the validator of these tests counts UTF-16 units, so it is not asked.</summary>
    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void An_owl_is_one_character(int owls, bool fits)
    {
        var item = Sample("search.performed");
        item["data"]!["query"] = string.Concat(Enumerable.Repeat("🦉", owls));
        Read(item.ToJsonString()).ShouldBe(fits);
    }

    static bool Sound(string text) => text.EnumerateRunes().All(r => r != System.Text.Rune.ReplacementChar) && !text.Contains('\0', StringComparison.Ordinal);

    static async Task Agree(JsonObject sample, string? holder, Action<JsonObject> change)
    {
        var changed = sample.DeepClone().AsObject();
        change(Holder(changed, holder));
        var (schema, reader) = await Verdict(changed);
        reader.ShouldBe(schema, changed.ToJsonString());
    }

    static async Task<(bool Schema, bool Reader)> Verdict(JsonObject item)
    {
        var text = item.ToJsonString();
        return ((await Schema.Value).Validate(text).Count == 0, Read(text));
    }

    static bool Read(string text)
    {
        using var document = JsonDocument.Parse(text);
        return BehaviourRules.Read(document.RootElement, Batch).Record is not null;
    }

    static JsonObject Holder(JsonObject item, string? holder) => holder is null ? item : item[holder]!.AsObject();

    static IEnumerable<(string? Holder, string Name)> Fields(JsonObject item)
        => item.Select(p => ((string?)null, p.Key)).Concat(item["data"]!.AsObject().Select(p => ((string?)"data", p.Key))).ToList();

    /// <summary>With every optional field.</summary>
    static JsonObject Sample(string type)
    {
        var data = type switch
        {
            "page.viewed" => """{"title":"Home","loadMilliseconds":120.5}""",
            "search.performed" => """{"query":"fractions","results":12,"page":1}""",
            "course.viewed" => """{"courseId":"ID","source":"search"}""",
            "lesson.opened" or "quiz.started" => """{"courseId":"ID","lessonId":"ID"}""",
            "video.played" => """{"lessonId":"ID","positionSeconds":1.5,"speed":1}""",
            "video.paused" => """{"lessonId":"ID","positionSeconds":1.5,"watchedSeconds":1}""",
            "video.seeked" => """{"lessonId":"ID","fromSeconds":1.5,"toSeconds":9}""",
            "video.completed" => """{"lessonId":"ID","lengthSeconds":300}""",
            "checkout.started" => """{"itemId":"ID","kind":"course"}""",
            "cta.clicked" => """{"name":"course.enrol"}""",
            "error.shown" => """{"code":"course.not_found","status":404}""",
            _ => throw new InvalidOperationException($"Give a sample of {type} here, with every optional field."),
        };
        return JsonNode.Parse($$"""{"eventId":"ID","type":"{{type}}","at":"{{Now.ToString("O", CultureInfo.InvariantCulture)}}","data":{{data}},"page":"/courses","referrer":"https://example.test/"}""".Replace("ID", "0f0e0d0c-0b0a-4908-8706-050403020100", StringComparison.Ordinal))!.AsObject();
    }
}
