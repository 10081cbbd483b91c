using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyPurchasesRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyPurchasesValidator : Validator<ListMyPurchasesRequest>
{
    public ListMyPurchasesValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyPurchasesEndpoint : QueryEndpoint<ListMyPurchasesRequest, Page<PurchaseView>>
{
    public override void Configure()
    {
        Get("/v1/me/purchases");
        Permissions("learn");
        Describe("List what one has bought");
    }

    public override Task HandleAsync(ListMyPurchasesRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/purchases", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
