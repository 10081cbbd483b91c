using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EdTech.Contracts;

namespace EdTech.Hosting;

/// <summary>How message types are named on the wire, found again, and written as JSON.</summary>
sealed class MessageTypes
{
    static readonly ConcurrentDictionary<Type, string> Enclosed = new();
    readonly ConcurrentDictionary<string, Type?> _resolved = new(StringComparer.Ordinal);
    readonly Assembly[] _assemblies;

    public MessageTypes(params Assembly[] assemblies)
    {
        _assemblies = [typeof(ICommand).Assembly, .. assemblies.Where(a => a != typeof(ICommand).Assembly).Distinct()];
        var contexts = JsonContextsOf(_assemblies);
        // The reflection resolver serves what no context knows: an endpoint's private time-outs and local commands.
        var resolver = JsonTypeInfoResolver.Combine([.. contexts, new DefaultJsonTypeInfoResolver()]);
        Wire = new JsonSerializerOptions { TypeInfoResolver = resolver };
        Wire.MakeReadOnly();
    }

    /// <summary>PascalCase, case-sensitive, nulls written: the defaults that NServiceBus' System.Text.Json serializer uses.</summary>
    public JsonSerializerOptions Wire { get; }

    public static IJsonTypeInfoResolver[] JsonContextsOf(IEnumerable<Assembly> assemblies)
        => [.. assemblies.SelectMany(a => a.GetTypes())
            .Where(t => t.IsSubclassOf(typeof(JsonSerializerContext)) && !t.IsAbstract)
            .Select(t => (IJsonTypeInfoResolver)t.GetProperty("Default", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!)];

    public byte[] Serialize(object message) => JsonSerializer.SerializeToUtf8Bytes(message, Wire.GetTypeInfo(message.GetType()));

    public object Deserialize(ReadOnlySpan<byte> body, Type type)
        => JsonSerializer.Deserialize(body, Wire.GetTypeInfo(type)) ?? throw new JsonException($"The body of a {type.Name} is null.");

    /// <summary>Value of EnclosedMessageTypes: the type, then the message types it derives from, most concrete first.</summary>
    public static string EnclosedTypesOf(Type type) => Enclosed.GetOrAdd(type, static t =>
        string.Join(';', ParentsOf(t).Prepend(t).Select(p => p.AssemblyQualifiedName)));

    /// <summary>The first enclosed type that this program knows, by full name; the assembly part may be foreign.</summary>
    public Type? Resolve(string enclosedTypes)
        => _resolved.GetOrAdd(enclosedTypes, static (text, assemblies) =>
        {
            foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var comma = part.IndexOf(',', StringComparison.Ordinal);
                var fullName = (comma < 0 ? part : part[..comma]).Trim();
                if (fullName.Contains("__impl", StringComparison.Ordinal))
                {
                    continue;
                }

                foreach (var assembly in assemblies)
                {
                    if (assembly.GetType(fullName) is { } type)
                    {
                        return type;
                    }
                }
            }

            return null;
        }, _assemblies);

    /// <summary>Exchange name of an event type: namespace, colon, simple name.</summary>
    public static string ExchangeOf(Type type) => $"{type.Namespace}:{type.Name}";

    static IEnumerable<Type> ParentsOf(Type type)
    {
        for (var parent = type.BaseType; parent is not null && parent != typeof(object); parent = parent.BaseType)
        {
            yield return parent;
        }

        foreach (var face in type.GetInterfaces().Where(i => !IsSystem(i) && i != typeof(ICommand) && i != typeof(IEvent)))
        {
            yield return face;
        }
    }

    public static bool IsSystem(Type type) => type.Namespace is { } ns && (ns == "System" || ns.StartsWith("System.", StringComparison.Ordinal));

    public static FrozenDictionary<string, string> None { get; } = FrozenDictionary<string, string>.Empty;
}
