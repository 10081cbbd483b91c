using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListPurchasesRequest([property: QueryParam] Guid? PayerId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListPurchasesValidator : Validator<ListPurchasesRequest>
{
    public ListPurchasesValidator()
    {
        RuleFor(r => r.PayerId).NotEmpty();
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListPurchasesEndpoint : QueryEndpoint<ListPurchasesRequest, Page<PurchaseView>>
{
    public override void Configure()
    {
        Get("/v1/purchases");
        Permissions("payments.support");
        Describe("List somebody's purchases, for support");
    }

    public override Task HandleAsync(ListPurchasesRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/purchases", ("payerId", req.PayerId), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
