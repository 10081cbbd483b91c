using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record MoveLessonRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId, Guid SectionId, int? Position);

sealed class MoveLessonValidator : Validator<MoveLessonRequest>
{
    public MoveLessonValidator()
    {
        RuleFor(r => r.SectionId).NotEmpty();
        RuleFor(r => r.Position).NotNull().GreaterThanOrEqualTo(0);
    }
}

sealed class MoveLessonEndpoint : CommandEndpoint<MoveLessonRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/lessons/{lessonId}/move");
        Permissions("courses.author");
        Describe("Move a lesson within its section or to another");
    }

    public override Task HandleAsync(MoveLessonRequest req, CancellationToken ct)
        => SendAsync(new MoveLesson(Actor, req.CourseId, req.LessonId, req.SectionId, req.Position!.Value, IfMatch), ct);
}
