using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMySalesRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMySalesValidator : Validator<ListMySalesRequest>
{
    public ListMySalesValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMySalesEndpoint : QueryEndpoint<ListMySalesRequest, Page<PurchaseView>>
{
    public override void Configure()
    {
        Get("/v1/me/sales");
        Permissions("courses.author");
        Describe("List what others have paid for of one's own courses and lessons");
    }

    public override Task HandleAsync(ListMySalesRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/purchases", ("sales", true), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
