using System.Text.Json;
using System.Text.Json.Nodes;
using EdTech.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Hosting;

/// <summary>The outcome of a request, for callers that did not wait for it: <c>GET /internal/outcomes/{messageId}</c>.</summary>
/// <param name="Type">Full name of the reply: <c>EdTech.Contracts.Done</c>, <c>EdTech.Contracts.Refused</c>, ...</param>
/// <param name="HandledAt">When it took effect.</param>
/// <param name="Reply">The reply, camel-cased.</param>
public sealed record Outcome(string Type, DateTimeOffset HandledAt, JsonNode Reply);

static class Outcomes
{
    public static Refused KeyReused { get; } = new(RefusalKind.Invalid, "idempotency.key_reused", "This idempotency key was used before for a request with another content. Use a new key for a new request.");

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/outcomes/{messageId}", Handle);

    static async Task<IResult> Handle(string messageId, HttpContext http, IEndpointStorage storage, MessageTypes types, CancellationToken ct)
    {
        var outcome = await storage.Find(messageId, ct);
        if (outcome is null || outcome.ActorId != http.Actor().Id || outcome is not { ReplyType: { } replyType, Reply: { } reply })
        {
            return InternalApi.Refuse(RefusalKind.NotFound, "operation.not_found", "There is no outcome under this id (yet).");
        }

        var type = types.Resolve(replyType) ?? throw new InvalidOperationException($"Reply type {replyType} of {messageId} is not known to this program.");
        return Results.Json(new Outcome(type.FullName!, outcome.HandledAt, JsonSerializer.SerializeToNode(types.Deserialize(reply, type), type, InternalApi.JsonOptions(http))!));
    }
}
