using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListFeeSchedulesRequest([property: QueryParam] Guid? TutorId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListFeeSchedulesValidator : Validator<ListFeeSchedulesRequest>
{
    public ListFeeSchedulesValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListFeeSchedulesEndpoint : QueryEndpoint<ListFeeSchedulesRequest, Page<FeeScheduleView>>
{
    public override void Configure()
    {
        Get("/v1/payments/fees");
        Permissions("payments.support");
        Describe("List the fees that were decided, all or those agreed with one tutor");
    }

    public override Task HandleAsync(ListFeeSchedulesRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery("/internal/payments/fees", ("tutorId", req.TutorId), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
