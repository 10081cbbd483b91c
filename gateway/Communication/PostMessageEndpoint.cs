using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record PostMessageRequest(
    [property: RouteParam] Guid ConversationId, Guid? MessageId, string? Text, Guid? ReplyTo, IReadOnlyList<Guid>? Mentions, IReadOnlyList<Attachment>? Attachments);

sealed class PostMessageEndpoint : ChatWriteEndpoint<PostMessageRequest>
{
    public override void Configure()
    {
        Post("/v1/conversations/{conversationId}/messages");
        Permissions("learn");
        Describe("Say something in a conversation");
    }

    public override Task HandleAsync(PostMessageRequest req, CancellationToken ct)
        => TakeAsync(req.MessageId, (intake, id, token) => intake.Post(Actor, req.ConversationId, new ChatMessage(id, req.Text, req.ReplyTo, req.Mentions, req.Attachments), token), ct);
}
