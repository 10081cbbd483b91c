using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record SavePositionRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId, int? PositionSeconds);

sealed class SavePositionValidator : Validator<SavePositionRequest>
{
    public SavePositionValidator()
    {
        // A day is longer than any lesson.
        RuleFor(r => r.PositionSeconds).NotNull().InclusiveBetween(0, 86_400);
    }
}

sealed class SavePositionEndpoint : CommandEndpoint<SavePositionRequest>
{
    public override void Configure()
    {
        Put("/v1/courses/{courseId}/lessons/{lessonId}/position");
        Permissions("learn");
        Describe("Remember where one stopped in a lesson");
    }

    public override Task HandleAsync(SavePositionRequest req, CancellationToken ct)
        => SendAsync(new SavePosition(Actor, req.CourseId, req.LessonId, req.PositionSeconds!.Value), ct);
}
