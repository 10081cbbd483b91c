using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>What jsonb columns hold: the contracts' records, camel-cased as HTTP shows them.</summary>
static class StoredJson
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, TypeInfo<T>());

    public static T Read<T>(string json)
        => JsonSerializer.Deserialize(json, TypeInfo<T>())
            ?? throw new InvalidOperationException($"A jsonb column holds null where a {typeof(T).Name} is expected. Nothing writes that; look for a manual change.");

    static JsonTypeInfo<T> TypeInfo<T>()
        => (JsonTypeInfo<T>?)LearningJson.Web.GetTypeInfo(typeof(T))
            ?? throw new InvalidOperationException($"{typeof(T)} is not listed in LearningJson. Add a [JsonSerializable] line for it.");
}
