using EdTech.Contracts.Analytics;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record CountBehaviourRequest([property: RouteParam] Guid AccountId, [property: QueryParam] DateOnly? From, [property: QueryParam] DateOnly? To);

sealed class CountBehaviourEndpoint : QueryEndpoint<CountBehaviourRequest, BehaviourCounts>
{
    public override void Configure()
    {
        Get("/v1/accounts/{accountId}/behaviour/counts");
        Permissions("analytics.read");
        Describe("How much was recorded of somebody's use, by day");
    }

    public override Task HandleAsync(CountBehaviourRequest req, CancellationToken ct)
        => ForwardAsync("analytics", WithQuery($"/internal/analytics/accounts/{req.AccountId}/behaviour/counts", ("from", req.From?.ToString("O", System.Globalization.CultureInfo.InvariantCulture)), ("to", req.To?.ToString("O", System.Globalization.CultureInfo.InvariantCulture))), ct);
}
