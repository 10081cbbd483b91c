using FastEndpoints;

namespace EdTech.Gateway;

sealed record EditMessageRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid MessageId, string? Text, IReadOnlyList<Guid>? Mentions);

sealed class EditMessageEndpoint : ChatWriteEndpoint<EditMessageRequest>
{
    public override void Configure()
    {
        Patch("/v1/conversations/{conversationId}/messages/{messageId}");
        Permissions("learn");
        Describe("Replace the text of one's message");
    }

    public override Task HandleAsync(EditMessageRequest req, CancellationToken ct)
        => TakeAsync(null, (intake, id, token) => intake.Edit(Actor, req.ConversationId, id, req.MessageId, req.Text, req.Mentions, token), ct);
}
