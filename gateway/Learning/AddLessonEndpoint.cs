using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record AddLessonRequest(
    [property: RouteParam] Guid CourseId,
    [property: RouteParam] Guid SectionId,
    LessonKind? Kind,
    string? Title,
    LessonContent? Content,
    int? Minutes = null,
    bool FreePreview = false,
    int? Position = null)
{
    public LessonDraft Lesson() => new(Kind ?? default, Title!, Minutes, FreePreview, Content!);
}

sealed class AddLessonValidator : Validator<AddLessonRequest>
{
    public AddLessonValidator()
    {
        RuleFor(r => r.Kind).NotNull();
        RuleFor(r => r.Position).GreaterThanOrEqualTo(0);
        RuleFor(r => r).Custom((r, context) => context.AddFaults(CourseRules.Check(r.Lesson()))).When(r => r.Kind is not null);
    }
}

sealed class AddLessonEndpoint : CommandEndpoint<AddLessonRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/sections/{sectionId}/lessons");
        Permissions("courses.author");
        Describe("Add a lesson to a section", done: 201);
    }

    public override Task HandleAsync(AddLessonRequest req, CancellationToken ct)
        => SendAsync(new AddLesson(Actor, req.CourseId, req.SectionId, Guid.CreateVersion7(), req.Position, req.Lesson(), IfMatch), ct, done => $"/v1/courses/{req.CourseId}/draft/lessons/{done.Id}");
}
