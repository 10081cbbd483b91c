using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record CompleteLessonRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId);

sealed class CompleteLessonEndpoint : CommandEndpoint<CompleteLessonRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/lessons/{lessonId}/complete");
        Permissions("learn");
        Describe("Mark a lesson as completed");
    }

    public override Task HandleAsync(CompleteLessonRequest req, CancellationToken ct)
        => SendAsync(new CompleteLesson(Actor, req.CourseId, req.LessonId), ct);
}
