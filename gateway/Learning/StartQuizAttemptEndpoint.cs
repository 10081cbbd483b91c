using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record StartQuizAttemptRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId);

sealed class StartQuizAttemptEndpoint : CommandEndpoint<StartQuizAttemptRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/lessons/{lessonId}/attempts");
        Permissions("learn");
        Describe("Start an attempt at a quiz, or go on with the open one", done: 201);
    }

    public override Task HandleAsync(StartQuizAttemptRequest req, CancellationToken ct)
        => SendAsync(new StartQuizAttempt(Actor, Guid.CreateVersion7(), req.CourseId, req.LessonId), ct, done => $"/v1/attempts/{done.Id}");
}
