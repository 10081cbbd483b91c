using FastEndpoints;

namespace EdTech.Gateway;

sealed record TakeBackReactionRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid MessageId, [property: RouteParam] string Emoji);

sealed class TakeBackReactionEndpoint : ChatWriteEndpoint<TakeBackReactionRequest>
{
    public override void Configure()
    {
        Delete("/v1/conversations/{conversationId}/messages/{messageId}/reactions/{emoji}");
        Permissions("learn");
        Describe("Take one's emoji back from a message");
    }

    public override Task HandleAsync(TakeBackReactionRequest req, CancellationToken ct)
        => TakeAsync(null, (intake, id, token) => intake.React(Actor, req.ConversationId, id, req.MessageId, req.Emoji, removed: true, token), ct);
}
