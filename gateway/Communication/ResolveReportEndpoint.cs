using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ResolveReportRequest([property: RouteParam] Guid ReportId, string? Outcome);

sealed class ResolveReportValidator : Validator<ResolveReportRequest>
{
    public ResolveReportValidator() => RuleFor(r => r.Outcome).NotEmpty().MaximumLength(500);
}

sealed class ResolveReportEndpoint : CommandEndpoint<ResolveReportRequest>
{
    public override void Configure()
    {
        Post("/v1/chat/reports/{reportId}/resolution");
        Permissions("chat.moderate");
        Describe("Close a report of a message");
    }

    public override Task HandleAsync(ResolveReportRequest req, CancellationToken ct) => SendAsync(new ResolveReport(Actor, req.ReportId, req.Outcome!.Trim()), ct);
}
