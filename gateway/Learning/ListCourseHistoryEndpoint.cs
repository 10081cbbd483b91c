using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListCourseHistoryRequest([property: RouteParam] Guid CourseId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListCourseHistoryValidator : Validator<ListCourseHistoryRequest>
{
    public ListCourseHistoryValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListCourseHistoryEndpoint : QueryEndpoint<ListCourseHistoryRequest, Page<CourseHistoryEntry>>
{
    public override void Configure()
    {
        Get("/v1/courses/{courseId}/history");
        Permissions("courses.author", "courses.moderate");
        Describe("Read who did what to a course");
    }

    public override Task HandleAsync(ListCourseHistoryRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery($"/internal/learning/courses/{req.CourseId}/history", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
