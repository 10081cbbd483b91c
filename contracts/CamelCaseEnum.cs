using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdTech.Contracts;

/// <summary>Writes an enum as its camel-cased name, and refuses numbers, so that a value keeps its meaning when the enum grows.</summary>
public sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
