using EdTech.Contracts.Analytics;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RestoreIdentityMergeRequest([property: RouteParam] Guid AccountId, [property: RouteParam] Guid AnonymousId);

sealed class RestoreIdentityMergeEndpoint : CommandEndpoint<RestoreIdentityMergeRequest>
{
    public override void Configure()
    {
        Put("/v1/accounts/{accountId}/behaviour/merges/{anonymousId}");
        Permissions("analytics.admin");
        Describe("Give an anonymous id's events back to an account");
    }

    public override Task HandleAsync(RestoreIdentityMergeRequest req, CancellationToken ct)
        => SendAsync(new RestoreIdentityMerge(Actor, req.AccountId, req.AnonymousId), ct);
}
