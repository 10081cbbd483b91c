using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RemoveMemberRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid AccountId);

sealed class RemoveMemberEndpoint : CommandEndpoint<RemoveMemberRequest>
{
    public override void Configure()
    {
        Delete("/v1/conversations/{conversationId}/members/{accountId}");
        Permissions("learn");
        Describe("Remove somebody from a group, or leave it");
    }

    public override Task HandleAsync(RemoveMemberRequest req, CancellationToken ct) => SendAsync(new RemoveMember(Actor, req.ConversationId, req.AccountId), ct);
}
