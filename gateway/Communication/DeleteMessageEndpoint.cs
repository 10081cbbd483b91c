using FastEndpoints;

namespace EdTech.Gateway;

sealed record DeleteMessageRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid MessageId);

sealed class DeleteMessageEndpoint : ChatWriteEndpoint<DeleteMessageRequest>
{
    public override void Configure()
    {
        Delete("/v1/conversations/{conversationId}/messages/{messageId}");
        Permissions("learn");
        Describe("Take a message away: one's own, or as a moderator any");
    }

    public override Task HandleAsync(DeleteMessageRequest req, CancellationToken ct)
        => TakeAsync(null, (intake, id, token) => intake.Delete(Actor, req.ConversationId, id, req.MessageId, token), ct);
}
