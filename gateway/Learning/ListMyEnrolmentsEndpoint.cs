using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyEnrolmentsRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyEnrolmentsValidator : Validator<ListMyEnrolmentsRequest>
{
    public ListMyEnrolmentsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyEnrolmentsEndpoint : QueryEndpoint<ListMyEnrolmentsRequest, Page<EnrolmentView>>
{
    public override void Configure()
    {
        Get("/v1/me/enrolments");
        Permissions("learn");
        Describe("List the courses one is enrolled in");
    }

    public override Task HandleAsync(ListMyEnrolmentsRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery("/internal/learning/me/enrolments", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
