using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RemoveLessonRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId);

sealed class RemoveLessonEndpoint : CommandEndpoint<RemoveLessonRequest>
{
    public override void Configure()
    {
        Delete("/v1/courses/{courseId}/lessons/{lessonId}");
        Permissions("courses.author");
        Describe("Remove a lesson from the draft");
    }

    public override Task HandleAsync(RemoveLessonRequest req, CancellationToken ct)
        => SendAsync(new RemoveLesson(Actor, req.CourseId, req.LessonId, IfMatch), ct);
}
