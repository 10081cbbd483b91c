using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetConversationRequest([property: RouteParam] Guid ConversationId);

sealed class GetConversationEndpoint : QueryEndpoint<GetConversationRequest, ConversationView>
{
    public override void Configure()
    {
        Get("/v1/conversations/{conversationId}");
        Permissions("learn");
        Describe("One conversation, with what is unread");
    }

    public override Task HandleAsync(GetConversationRequest req, CancellationToken ct) => ForwardAsync("communication", $"/internal/communication/conversations/{req.ConversationId}", ct);
}
