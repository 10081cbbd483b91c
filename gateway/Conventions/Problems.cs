using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdTech.Contracts;
using EdTech.Hosting;
using FastEndpoints;
using FluentValidation.Results;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace EdTech.Gateway;

/// <summary>Writes problem details, so that no answer of 400 and above looks different.</summary>
static partial class Problems
{
    public const string ContentType = "application/problem+json";

    /// <summary>The seconds after which a caller may find a lost worker or broker back.</summary>
    public const int RetryAfterSeconds = 2;

    static readonly string[] RetryAfters = ["1", "2", "3"];

    public static Task WriteAsync(HttpContext http, int status, string code, string detail, IReadOnlyList<ApiFieldError>? errors = null)
        => WriteAsync(http, Make(http, status, code, detail, errors));

    static Task WriteAsync(HttpContext http, ApiProblem problem)
    {
        http.MarkResponseStart();
        http.Response.StatusCode = problem.Status;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Remove("ETag");
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.ContentType = ContentType;
            return Task.CompletedTask;
        }

        return http.Response.WriteAsJsonAsync(problem, GatewayJson.Default.ApiProblem, ContentType, http.RequestAborted);
    }

    /// <summary>A field of the request is at fault: 400.</summary>
    public static Task WriteFieldAsync(HttpContext http, string name, string reason, string code)
        => WriteAsync(http, StatusCodes.Status400BadRequest, "request.invalid", "The request is not as it must be; see errors.", [new(name, reason, code)]);

    /// <summary>Something the platform needs is away for now: 503.</summary>
    public static Task WriteUnavailableAsync(HttpContext http, string code, string detail)
    {
        http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return WriteAsync(http, StatusCodes.Status503ServiceUnavailable, code, detail);
    }

    /// <summary>More is asked for than can be answered soon: 503. Nothing was done; those who come again do not all come at once.</summary>
    public static Task WriteOverloadedAsync(HttpContext http)
    {
        http.Response.Headers.RetryAfter = RetryAfters[Random.Shared.Next(RetryAfters.Length)];
        return WriteAsync(http, StatusCodes.Status503ServiceUnavailable, "overloaded", "The platform has more to do than it can right now. Nothing was done; try again after as many seconds as Retry-After says.");
    }

    /// <summary>A business refusal, with the status of its kind unless the worker chose another.</summary>
    public static Task WriteAsync(HttpContext http, Refused refused, int? status = null)
        => WriteAsync(http, Make(http, refused, status ?? refused.Kind.Status()));

    public static ApiProblem Make(HttpContext http, Refused refused, int status)
        => Make(http, status, refused.Code, refused.Message, refused.Details is { Count: > 0 } details ? [.. details.Select(d => new ApiFieldError(d.Key, d.Value, refused.Code))] : null);

    /// <summary>A status that the framework set without a body: 401, 403, 404, 405, 413, 415 and their kin.</summary>
    public static Task WriteStatusAsync(HttpContext http)
    {
        var (code, detail) = http.Response.StatusCode switch
        {
            400 => ("request.invalid", "The request cannot be understood."),
            401 => ("auth.required", "A valid access token is required."),
            403 => ("auth.forbidden", "The access token does not hold the permission that this operation needs."),
            404 => ("not_found", "There is nothing at this address."),
            405 => ("method_not_allowed", "This address does not answer that method; see the Allow header."),
            406 => ("not_acceptable", "None of the accepted media types can be had."),
            413 => ("request.too_large", "The request's body is larger than this operation takes."),
            415 => ("request.unsupported_media_type", "The request's body must be of a media type that this operation reads; most read application/json."),
            429 => ("rate_limited", "Too many requests. Wait as long as Retry-After says."),
            504 => ("timeout", "The answer took too long. Try again."),
            < 500 => ("request.refused", "The request was refused."),
            _ => ("internal_error", "Something went wrong on our side. The trace id names the request in our logs."),
        };
        return WriteAsync(http, http.Response.StatusCode, code, detail);
    }

    /// <summary>What nobody caught. The exception is logged by the middleware and never shown.</summary>
    public static Task WriteUnhandledAsync(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (exception is BrokerUnavailableException) return WriteUnavailableAsync(http, "broker.unavailable", "The platform cannot take this order for the moment. Try again.");
        http.Response.StatusCode = exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        return WriteStatusAsync(http);
    }

    public static ApiProblem FromValidation(HttpContext http, IReadOnlyList<ValidationFailure> failures, int status)
        => Make(http, status, "request.invalid", "The request is not as it must be; see errors.",
            [.. failures.Select(f => new ApiFieldError(CamelPath(f.PropertyName), f.ErrorMessage, CodeOf(f.ErrorCode)))]);

    /// <summary>The serializer's own message names CLR types; this one names the field.</summary>
    public static ValidationFailure FromJsonException(JsonException exception)
    {
        var missing = MissingProperties().Match(exception.Message);
        return missing.Success
            ? new(Within(exception.Path, missing.Groups["name"].Value), "This field is required.") { ErrorCode = "required" }
            : new(exception.Path is ['$', '.', .. { Length: > 0 } path] ? path : exception.Path is ['$', '[', ..] ? "query" : "body",
                "The value has the wrong type or is given twice.") { ErrorCode = "wrong_type" };
    }

    public static ApiProblem Make(HttpContext http, int status, string code, string detail, IReadOnlyList<ApiFieldError>? errors)
        => new($"urn:edtech:problem:{code}", ReasonPhrases.GetReasonPhrase(status), status, code, detail, http.Request.Path.ToString(),
            Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier, errors);

    static string Within(string? path, string name) => path is ['$', '.', .. { Length: > 0 } holder] ? $"{holder}.{name}" : name;

    /// <summary>What a value is, without the CLR's names.</summary>
    public static string PublicName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid)) return "UUID";
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(DateTimeOffset) || type == typeof(DateTime)) return "time (RFC 3339)";
        if (type.IsEnum) return $"choice (one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))})";
        return type == typeof(decimal) || type == typeof(double) ? "number" : type.IsPrimitive ? "whole number in range" : "value";
    }

    static string CodeOf(string? validator)
    {
        var name = (validator ?? "invalid").Replace("Validator", "", StringComparison.Ordinal);
        return name.Contains('_', StringComparison.Ordinal) || name.Contains('.', StringComparison.Ordinal) ? name : JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
    }

    static string CamelPath(string path)
    {
        var camel = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
            camel.Append(i == 0 || path[i - 1] == '.' ? char.ToLowerInvariant(path[i]) : path[i]);
        return camel.ToString();
    }

    [GeneratedRegex("missing required properties including: '(?<name>[^']+)'", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex MissingProperties();
}
