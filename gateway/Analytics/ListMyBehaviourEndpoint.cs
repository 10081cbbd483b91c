using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyBehaviourRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyBehaviourValidator : Validator<ListMyBehaviourRequest>
{
    public ListMyBehaviourValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyBehaviourEndpoint : QueryEndpoint<ListMyBehaviourRequest, Page<BehaviourEventView>>
{
    public override void Configure()
    {
        Get("/v1/me/behaviour");
        Authenticated();
        Describe("What was recorded of the own use");
    }

    public override Task HandleAsync(ListMyBehaviourRequest req, CancellationToken ct)
        => ForwardAsync("analytics", WithQuery("/internal/analytics/me/behaviour", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
