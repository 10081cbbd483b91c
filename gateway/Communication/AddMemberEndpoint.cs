using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record AddMemberRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid AccountId);

sealed class AddMemberEndpoint : CommandEndpoint<AddMemberRequest>
{
    public override void Configure()
    {
        Put("/v1/conversations/{conversationId}/members/{accountId}");
        Permissions("learn");
        Describe("Add somebody to a group");
    }

    public override Task HandleAsync(AddMemberRequest req, CancellationToken ct) => SendAsync(new AddMember(Actor, req.ConversationId, req.AccountId), ct);
}
