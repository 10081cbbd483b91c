using System.Text.Json.Serialization;
using EdTech.Contracts;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>What every answer of 400 and above holds: RFC 9457 problem details.</summary>
/// <param name="Type">A URN that ends in the code.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Stable and machine-readable: <c>course.not_published</c>.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="Instance">The path that was asked for.</param>
/// <param name="TraceId">Names the request in the platform's logs and traces.</param>
/// <param name="Errors">Which fields are at fault, and why.</param>
sealed record ApiProblem(
    string Type,
    string Title,
    int Status,
    string Code,
    string Detail,
    string Instance,
    string TraceId,
    IReadOnlyList<ApiFieldError>? Errors = null);

/// <summary>One field that is at fault.</summary>
/// <param name="Name">The field as the caller wrote it, with its path: <c>sections[0].title</c>.</param>
/// <param name="Reason">One sentence for people.</param>
/// <param name="Code">Stable and machine-readable: <c>not_empty</c>.</param>
sealed record ApiFieldError(string Name, string Reason, string Code);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refused))]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(OperationView))]
[JsonSerializable(typeof(PendingOperation))]
[JsonSerializable(typeof(SharedAnswer))]
sealed partial class GatewayJson : JsonSerializerContext;
