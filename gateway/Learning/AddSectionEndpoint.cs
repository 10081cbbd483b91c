using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record AddSectionRequest([property: RouteParam] Guid CourseId, string? Title, int? Position = null);

sealed class AddSectionValidator : Validator<AddSectionRequest>
{
    public AddSectionValidator()
    {
        RuleFor(r => r).Custom((r, context) => context.AddFaults(CourseRules.CheckTitle(r.Title)));
        RuleFor(r => r.Position).GreaterThanOrEqualTo(0);
    }
}

sealed class AddSectionEndpoint : CommandEndpoint<AddSectionRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/sections");
        Permissions("courses.author");
        Describe("Add a section", done: 201);
    }

    public override Task HandleAsync(AddSectionRequest req, CancellationToken ct)
        => SendAsync(new AddSection(Actor, req.CourseId, Guid.CreateVersion7(), req.Title!, req.Position, IfMatch), ct, done => $"/v1/courses/{req.CourseId}?version=draft");
}
