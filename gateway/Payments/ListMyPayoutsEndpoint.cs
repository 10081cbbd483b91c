using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyPayoutsRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyPayoutsValidator : Validator<ListMyPayoutsRequest>
{
    public ListMyPayoutsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyPayoutsEndpoint : QueryEndpoint<ListMyPayoutsRequest, Page<PayoutView>>
{
    public override void Configure()
    {
        Get("/v1/me/payouts");
        Permissions("courses.author");
        Describe("List one's payouts");
    }

    public override Task HandleAsync(ListMyPayoutsRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/me/payouts", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
