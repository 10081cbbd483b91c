using EdTech.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Hosting;

/// <summary>What the internal API of a worker and its callers agree on.</summary>
public static class InternalApi
{
    /// <summary>Header with the id of the account on whose behalf the caller asks; absent for anonymous callers.</summary>
    public const string ActorHeader = "EdTech-Actor";

    /// <summary>Header with the actor's permissions, separated by blanks.</summary>
    public const string PermissionsHeader = "EdTech-Permissions";

    /// <summary>Header with the logical id under which a synchronous write is protected against repeats.</summary>
    public const string MessageIdHeader = "EdTech-Message-Id";

    /// <summary>Header with the hash of the public request's content.</summary>
    public const string RequestHashHeader = "EdTech-Request-Hash";

    /// <summary>On whose behalf this internal request is made.</summary>
    public static Actor Actor(this HttpContext http)
        => Guid.TryParse(http.Request.Headers[ActorHeader], out var id)
            ? new Actor(id, http.Request.Headers[PermissionsHeader].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : Contracts.Actor.Anonymous;

    /// <summary>The HTTP status that tells this kind of refusal.</summary>
    public static int Status(this RefusalKind kind) => kind switch
    {
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.Stale => StatusCodes.Status412PreconditionFailed,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    /// <summary>The options by which the internal API reads and writes JSON: camel case, source-generated.</summary>
    public static System.Text.Json.JsonSerializerOptions JsonOptions(HttpContext http)
        => http.RequestServices.GetRequiredService<Microsoft.Extensions.Options.IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;

    /// <summary>A refusal as the answer of an internal route: the status of its kind, the <see cref="Refused"/> as JSON.</summary>
    public static IResult Refuse(RefusalKind kind, string code, string message, IReadOnlyDictionary<string, string>? details = null)
        => Results.Json(new Refused(kind, code, message, details), statusCode: kind.Status());
}
