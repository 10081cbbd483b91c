using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetAuthoredLessonRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId);

sealed class GetAuthoredLessonEndpoint : QueryEndpoint<GetAuthoredLessonRequest, CourseLessonView>
{
    public override void Configure()
    {
        Get("/v1/courses/{courseId}/draft/lessons/{lessonId}");
        Permissions("courses.author", "courses.moderate");
        Describe("Read a lesson of one's own course with the keys of its questions");
    }

    public override Task HandleAsync(GetAuthoredLessonRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/courses/{req.CourseId}/lessons/{req.LessonId}", ct);
}
