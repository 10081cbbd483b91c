using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record GetPlatformReportRequest([property: RouteParam] int Year, [property: RouteParam] int Month, [property: QueryParam] string? Format);

sealed class GetPlatformReportValidator : Validator<GetPlatformReportRequest>
{
    public GetPlatformReportValidator()
    {
        RuleFor(r => r.Year).InclusiveBetween(2000, 2100);
        RuleFor(r => r.Month).InclusiveBetween(1, 12);
        RuleFor(r => r.Format).Must(ReportFormat.Known).WithMessage(ReportFormat.Words);
    }
}

sealed class GetPlatformReportEndpoint : QueryEndpoint<GetPlatformReportRequest, PlatformReportView>
{
    public override void Configure()
    {
        Get("/v1/payments/reports/{year}/{month}");
        Permissions("payments.admin");
        Describe("The platform's month: sales, fees, refunds, deferred revenue, by currency");
    }

    public override Task HandleAsync(GetPlatformReportRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery($"/internal/payments/reports/{req.Year}/{req.Month}", ("format", req.Format)), ct);
}
