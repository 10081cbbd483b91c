using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record UnblockPersonRequest([property: RouteParam] Guid AccountId);

sealed class UnblockPersonEndpoint : CommandEndpoint<UnblockPersonRequest>
{
    public override void Configure()
    {
        Delete("/v1/me/blocks/{accountId}");
        Permissions("learn");
        Describe("End a block");
    }

    public override Task HandleAsync(UnblockPersonRequest req, CancellationToken ct) => SendAsync(new UnblockPerson(Actor, req.AccountId), ct);
}
