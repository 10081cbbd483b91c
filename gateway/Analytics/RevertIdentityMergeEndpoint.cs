using EdTech.Contracts.Analytics;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RevertIdentityMergeRequest([property: RouteParam] Guid AccountId, [property: RouteParam] Guid AnonymousId);

sealed class RevertIdentityMergeEndpoint : CommandEndpoint<RevertIdentityMergeRequest>
{
    public override void Configure()
    {
        Delete("/v1/accounts/{accountId}/behaviour/merges/{anonymousId}");
        Permissions("analytics.admin");
        Describe("Take an anonymous id's events away from an account");
    }

    public override Task HandleAsync(RevertIdentityMergeRequest req, CancellationToken ct)
        => SendAsync(new RevertIdentityMerge(Actor, req.AccountId, req.AnonymousId), ct);
}
