using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetLessonRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId);

sealed class GetLessonEndpoint : QueryEndpoint<GetLessonRequest, LessonView>
{
    public override void Configure()
    {
        Get("/v1/courses/{courseId}/lessons/{lessonId}");
        AllowAnonymous();
        Describe("Study a lesson; without an enrolment, previews only");
    }

    public override Task HandleAsync(GetLessonRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/courses/{req.CourseId}/lessons/{req.LessonId}/study", ct);
}
