using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListReconciliationsRequest([property: QueryParam] DateOnly? Cursor, [property: QueryParam] int? Limit);

sealed class ListReconciliationsValidator : Validator<ListReconciliationsRequest>
{
    public ListReconciliationsValidator() => RuleFor(r => r.Limit).InclusiveBetween(1, 100);
}

sealed class ListReconciliationsEndpoint : QueryEndpoint<ListReconciliationsRequest, Page<ReconciliationView>>
{
    public override void Configure()
    {
        Get("/v1/payments/reconciliations");
        Permissions("payments.admin");
        Describe("List the days on which ledger and Stripe were compared, newest first");
    }

    public override Task HandleAsync(ListReconciliationsRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/reconciliations", ("cursor", req.Cursor?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)), ("limit", req.Limit)), ct);
}
