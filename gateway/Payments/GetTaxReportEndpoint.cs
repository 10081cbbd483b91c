using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record GetTaxReportRequest([property: RouteParam] int Year, [property: QueryParam] string? Format);

sealed class GetTaxReportValidator : Validator<GetTaxReportRequest>
{
    public GetTaxReportValidator()
    {
        RuleFor(r => r.Year).InclusiveBetween(2000, 2100);
        RuleFor(r => r.Format).Must(ReportFormat.Known).WithMessage(ReportFormat.Words);
    }
}

sealed class GetTaxReportEndpoint : QueryEndpoint<GetTaxReportRequest, TaxReportView>
{
    public override void Configure()
    {
        Get("/v1/me/tax-reports/{year}");
        Permissions("courses.author");
        Describe("What one was credited in a year, by quarter and currency, for the tax office");
    }

    public override Task HandleAsync(GetTaxReportRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery($"/internal/payments/me/tax-reports/{req.Year}", ("format", req.Format)), ct);
}
