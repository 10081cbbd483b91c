using System.Security.Claims;
using EdTech.Contracts;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>What every HTTP operation has in common.</summary>
abstract class ApiEndpoint<TRequest> : Endpoint<TRequest>
    where TRequest : notnull
{
    Actor? _actor;

    /// <summary>The caller: account and permissions of its access token.</summary>
    protected Actor Actor => _actor ??= ActorOf(User);

    /// <summary>Any signed-in caller may use this operation; the owning endpoint checks what belongs to whom.</summary>
    protected void Authenticated() => Options(route => route.WithMetadata(AuthenticatedCaller.Instance));

    /// <summary>For sign-in, registration and password reset: a caller has far fewer tries a minute here than elsewhere.</summary>
    protected void LimitedAsCredentials() => Options(route => route.RequireRateLimiting(RateLimits.Credentials));

    /// <summary>For what ends something: it is taken whatever the load is.</summary>
    protected void IsNeverShed() => Options(route => route.WithMetadata(NeverShed.Instance));

    /// <summary>Names the operation in the HTTP document.</summary>
    /// <param name="summary">What it does, as an order or a question's answer: "Publish a course".</param>
    /// <param name="done">The status of success.</param>
    /// <param name="tag">The group it is shown in; the first segment of its path by default.</param>
    /// <param name="answer">What success answers with.</param>
    protected void Describe(string summary, int done, string? tag, Type? answer)
    {
        Summary(s => s.Summary = summary);
        Options(route => route.WithMetadata(new OperationDescription(summary, done, tag, answer)));
    }

    static Actor ActorOf(ClaimsPrincipal user)
        => Guid.TryParse(user.FindFirstValue("sub"), out var id)
            ? new Actor(id, [.. user.FindAll("permissions").Select(c => c.Value)])
            : Actor.Anonymous;
}

/// <summary>How the operation is shown in the HTTP document.</summary>
sealed record OperationDescription(string Summary, int Done, string? Tag, Type? Answer);

/// <summary>The decision that every signed-in caller may use an operation.</summary>
sealed class AuthenticatedCaller
{
    public static AuthenticatedCaller Instance { get; } = new();
}
