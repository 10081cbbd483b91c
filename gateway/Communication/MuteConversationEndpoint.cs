using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record MuteConversationRequest([property: RouteParam] Guid ConversationId, DateTimeOffset? Until);

sealed class MuteConversationEndpoint : CommandEndpoint<MuteConversationRequest>
{
    public override void Configure()
    {
        Put("/v1/conversations/{conversationId}/mute");
        Permissions("learn");
        Describe("Want no notifications of a conversation until a time, or again");
    }

    public override Task HandleAsync(MuteConversationRequest req, CancellationToken ct) => SendAsync(new MuteConversation(Actor, req.ConversationId, req.Until), ct);
}
