using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdTech.Contracts;

namespace EdTech.Hosting;

/// <summary>A record's type as it is on the wire.</summary>
sealed class StreamType(string name, JsonTypeInfo json)
{
    public JsonTypeInfo Json => json;

    public byte[] TypeHeader { get; } = Encoding.UTF8.GetBytes(name);

    public byte[] SchemaHeader { get; } = Encoding.UTF8.GetBytes("urn:edtech:schema:" + name);
}

/// <summary>How records are named on the wire, found again, and written as JSON.</summary>
static class StreamTypes
{
    static readonly ConcurrentDictionary<Type, StreamType> Known = new();

    /// <summary>How records of this very type are written.</summary>
    public static StreamType Of(Type type) => Known.GetOrAdd(type, static t => new StreamType(NameOf(t), JsonOf(t)));

    /// <summary>Every type of record that is a <paramref name="record"/>, by its name on the wire.</summary>
    public static FrozenDictionary<string, JsonTypeInfo> ReadersOf(Type record)
    {
        var types = record.Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsAssignableTo(record) && t.IsDefined(typeof(StreamRecordAttribute), inherit: false)).ToArray();
        return types.Length > 0
            ? types.ToFrozenDictionary(NameOf, StrictJsonOf, StringComparer.Ordinal)
            : throw new InvalidOperationException($"No type of {record.Assembly.GetName().Name} that is a {record.Name} has a [StreamRecord(\"...\")], so no record could be read. Name the record's type on the wire with it.");
    }

    static string NameOf(Type type)
        => type.GetCustomAttribute<StreamRecordAttribute>(inherit: false)?.Type
            ?? throw new InvalidOperationException($"{type.FullName} has no [StreamRecord(\"...\")]: give the record its name on the wire.");

    /// <summary>For reading what others wrote: a property that is missing or null where the record has none of that is an error, unless it has a default.</summary>
    static JsonTypeInfo StrictJsonOf(Type type)
    {
        var known = JsonOf(type);
        var strict = new JsonSerializerOptions(known.Options) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };
        return strict.GetTypeInfo(type);
    }

    static JsonTypeInfo JsonOf(Type type)
        => MessageTypes.JsonContextsOf([type.Assembly]).OfType<JsonSerializerContext>().Select(c => c.GetTypeInfo(type)).FirstOrDefault(i => i is not null)
            ?? throw new InvalidOperationException($"No JsonSerializerContext of {type.Assembly.GetName().Name} knows {type.FullName}: add [JsonSerializable(typeof({type.Name}))] to the one of its domain.");
}
