using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record GetStatementRequest(
    [property: QueryParam(IsRequired = true)] string? Currency,
    [property: QueryParam(IsRequired = true)] DateOnly? From,
    [property: QueryParam(IsRequired = true)] DateOnly? To,
    [property: QueryParam] string? Format,
    [property: QueryParam] string? Cursor,
    [property: QueryParam] int? Limit);

sealed class GetStatementValidator : Validator<GetStatementRequest>
{
    public GetStatementValidator()
    {
        RuleFor(r => r.Currency).NotEmpty().Must(c => c is null || Currencies.Known(c)).WithMessage("An ISO 4217 code in upper case.");
        RuleFor(r => r.From).NotNull().Must(InOurTime).WithMessage("A day of the years 2000 to 2100.");
        RuleFor(r => r.To).NotNull().Must(InOurTime).WithMessage("A day of the years 2000 to 2100.");
        RuleFor(r => r.To).Must((r, to) => to is null || r.From is null || to >= r.From).WithMessage("Not before the first day.");
        RuleFor(r => r.Format).Must(ReportFormat.Known).WithMessage(ReportFormat.Words);
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }

    static bool InOurTime(DateOnly? day) => day is null or { Year: >= 2000 and <= 2100 };
}

sealed class GetStatementEndpoint : QueryEndpoint<GetStatementRequest, StatementView>
{
    public override void Configure()
    {
        Get("/v1/me/earnings/statement");
        Permissions("courses.author");
        Describe("Every movement of one's balance between two days, in pages; with format=csv as one table");
    }

    public override Task HandleAsync(GetStatementRequest req, CancellationToken ct)
        => ForwardAsync(
            "payments",
            WithQuery(
                "/internal/payments/me/statement",
                ("currency", req.Currency), ("from", $"{req.From:yyyy-MM-dd}"), ("to", $"{req.To:yyyy-MM-dd}"), ("format", req.Format), ("cursor", req.Cursor), ("limit", req.Limit)),
            ct);
}

/// <summary>In which form a report is wanted.</summary>
static class ReportFormat
{
    public const string Words = "json or csv.";

    public static bool Known(string? format) => format is null or "json" or "csv";
}
