using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListAuthoredCoursesRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListAuthoredCoursesValidator : Validator<ListAuthoredCoursesRequest>
{
    public ListAuthoredCoursesValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListAuthoredCoursesEndpoint : QueryEndpoint<ListAuthoredCoursesRequest, Page<AuthoredCourse>>
{
    public override void Configure()
    {
        Get("/v1/me/courses-authored");
        Permissions("courses.author");
        Describe("List one's own courses, drafts included");
    }

    public override Task HandleAsync(ListAuthoredCoursesRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery("/internal/learning/authored-courses", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
