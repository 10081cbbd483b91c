using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListExceptionsRequest([property: QueryParam] bool? Open, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListExceptionsValidator : Validator<ListExceptionsRequest>
{
    public ListExceptionsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListExceptionsEndpoint : QueryEndpoint<ListExceptionsRequest, Page<ExceptionView>>
{
    public override void Configure()
    {
        Get("/v1/payments/exceptions");
        Permissions("payments.support");
        Describe("List where books and Stripe differ or a call went wrong, all, open or resolved");
    }

    public override Task HandleAsync(ListExceptionsRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/exceptions", ("open", req.Open), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
