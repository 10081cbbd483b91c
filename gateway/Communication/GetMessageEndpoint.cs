using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetMessageRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid MessageId);

sealed class GetMessageEndpoint : QueryEndpoint<GetMessageRequest, MessageView>
{
    public override void Configure()
    {
        Get("/v1/conversations/{conversationId}/messages/{messageId}");
        Permissions("learn");
        Describe("Get one message");
    }

    public override Task HandleAsync(GetMessageRequest req, CancellationToken ct)
        => ForwardAsync("communication", $"/internal/communication/conversations/{req.ConversationId}/messages/{req.MessageId}", ct);
}
