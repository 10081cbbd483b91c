using FastEndpoints;

namespace EdTech.Gateway;

sealed record ReactToMessageRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid MessageId, [property: RouteParam] string Emoji);

sealed class ReactToMessageEndpoint : ChatWriteEndpoint<ReactToMessageRequest>
{
    public override void Configure()
    {
        Put("/v1/conversations/{conversationId}/messages/{messageId}/reactions/{emoji}");
        Permissions("learn");
        Describe("Put an emoji to a message");
    }

    public override Task HandleAsync(ReactToMessageRequest req, CancellationToken ct)
        => TakeAsync(null, (intake, id, token) => intake.React(Actor, req.ConversationId, id, req.MessageId, req.Emoji, removed: false, token), ct);
}
