using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListDisputesRequest([property: QueryParam] Guid? PurchaseId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListDisputesValidator : Validator<ListDisputesRequest>
{
    public ListDisputesValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListDisputesEndpoint : QueryEndpoint<ListDisputesRequest, Page<DisputeView>>
{
    public override void Configure()
    {
        Get("/v1/disputes");
        Permissions("payments.support");
        Describe("List disputes, of one purchase or all");
    }

    public override Task HandleAsync(ListDisputesRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/disputes", ("purchaseId", req.PurchaseId), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
