using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListBehaviourRequest([property: RouteParam] Guid AccountId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListBehaviourValidator : Validator<ListBehaviourRequest>
{
    public ListBehaviourValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListBehaviourEndpoint : QueryEndpoint<ListBehaviourRequest, Page<BehaviourEventView>>
{
    public override void Configure()
    {
        Get("/v1/accounts/{accountId}/behaviour");
        Permissions("analytics.read");
        Describe("What was recorded of somebody's use");
    }

    public override Task HandleAsync(ListBehaviourRequest req, CancellationToken ct)
        => ForwardAsync("analytics", WithQuery($"/internal/analytics/accounts/{req.AccountId}/behaviour", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
