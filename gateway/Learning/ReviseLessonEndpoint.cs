using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ReviseLessonRequest(
    [property: RouteParam] Guid CourseId,
    [property: RouteParam] Guid LessonId,
    LessonKind? Kind,
    string? Title,
    LessonContent? Content,
    int? Minutes = null,
    bool FreePreview = false)
{
    public LessonDraft Lesson() => new(Kind ?? default, Title!, Minutes, FreePreview, Content!);
}

sealed class ReviseLessonValidator : Validator<ReviseLessonRequest>
{
    public ReviseLessonValidator()
    {
        RuleFor(r => r.Kind).NotNull();
        RuleFor(r => r).Custom((r, context) => context.AddFaults(CourseRules.Check(r.Lesson()))).When(r => r.Kind is not null);
    }
}

sealed class ReviseLessonEndpoint : CommandEndpoint<ReviseLessonRequest>
{
    public override void Configure()
    {
        Put("/v1/courses/{courseId}/lessons/{lessonId}");
        Permissions("courses.author");
        Describe("Rewrite a lesson");
    }

    public override Task HandleAsync(ReviseLessonRequest req, CancellationToken ct)
        => SendAsync(new ReviseLesson(Actor, req.CourseId, req.LessonId, req.Lesson(), IfMatch), ct);
}
