using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListReportsRequest([property: QueryParam] bool? Closed, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListReportsValidator : Validator<ListReportsRequest>
{
    public ListReportsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListReportsEndpoint : QueryEndpoint<ListReportsRequest, Page<ReportView>>
{
    public override void Configure()
    {
        Get("/v1/chat/reports");
        Permissions("chat.moderate");
        Describe("List reported messages");
    }

    public override Task HandleAsync(ListReportsRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery("/internal/communication/reports", ("closed", req.Closed), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
