using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record CreateCourseRequest(
    string? Title,
    string? Summary,
    string? DescriptionHtml,
    string? Language,
    string? Level,
    IReadOnlyList<string>? Subjects,
    Money? Price,
    IReadOnlyList<Guid>? Prerequisites)
{
    public CourseDetails Details() => new(Title!, Summary ?? "", DescriptionHtml ?? "", Language!, Level!, Subjects!, Price, Prerequisites ?? []);
}

sealed class CreateCourseValidator : Validator<CreateCourseRequest>
{
    public CreateCourseValidator() => RuleFor(r => r).Custom((r, context) => context.AddFaults(CourseRules.Check(r.Details())));
}

sealed class CreateCourseEndpoint : CommandEndpoint<CreateCourseRequest>
{
    public override void Configure()
    {
        Post("/v1/courses");
        Permissions("courses.author");
        Describe("Begin a course as a draft", done: 201);
    }

    public override Task HandleAsync(CreateCourseRequest req, CancellationToken ct)
        => SendAsync(new CreateCourse(Actor, Guid.CreateVersion7(), req.Details()), ct, done => $"/v1/courses/{done.Id}");
}
