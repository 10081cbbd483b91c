using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record BlockPersonRequest([property: RouteParam] Guid AccountId);

sealed class BlockPersonEndpoint : CommandEndpoint<BlockPersonRequest>
{
    public override void Configure()
    {
        Put("/v1/me/blocks/{accountId}");
        Permissions("learn");
        Describe("Block somebody: neither writes to the other directly");
    }

    public override Task HandleAsync(BlockPersonRequest req, CancellationToken ct) => SendAsync(new BlockPerson(Actor, req.AccountId), ct);
}
