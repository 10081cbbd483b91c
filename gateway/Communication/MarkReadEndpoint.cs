using FastEndpoints;

namespace EdTech.Gateway;

sealed record MarkReadRequest([property: RouteParam] Guid ConversationId, long Sequence);

sealed class MarkReadEndpoint : ChatWriteEndpoint<MarkReadRequest>
{
    public override void Configure()
    {
        Put("/v1/conversations/{conversationId}/read");
        Permissions("learn");
        Describe("Tell how far one has read; it never goes back");
    }

    public override Task HandleAsync(MarkReadRequest req, CancellationToken ct)
        => TakeAsync(null, (intake, _, token) => intake.Read(Actor, req.ConversationId, req.Sequence, token), ct);
}
