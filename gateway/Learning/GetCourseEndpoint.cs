using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record GetCourseRequest([property: RouteParam] Guid CourseId, [property: QueryParam] string? Version);

sealed class GetCourseValidator : Validator<GetCourseRequest>
{
    public GetCourseValidator()
    {
        RuleFor(r => r.Version).Must(v => v is null or "draft" or "published").WithMessage("draft or published.");
    }
}

sealed class GetCourseEndpoint : QueryEndpoint<GetCourseRequest, CourseView>
{
    public override void Configure()
    {
        Get("/v1/courses/{courseId}");
        AllowAnonymous();
        Describe("Read a course: the published version, or the draft of one's own");
    }

    public override Task HandleAsync(GetCourseRequest req, CancellationToken ct)
        => ForwardAsync(
            "learning",
            WithQuery($"/internal/learning/courses/{req.CourseId}", ("version", req.Version)),
            ct,
            Actor.Id == Guid.Empty ? new Cache(CacheEvictions.Course(req.CourseId)) : null);
}
