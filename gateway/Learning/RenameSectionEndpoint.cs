using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RenameSectionRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid SectionId, string? Title);

sealed class RenameSectionValidator : Validator<RenameSectionRequest>
{
    public RenameSectionValidator()
    {
        RuleFor(r => r).Custom((r, context) => context.AddFaults(CourseRules.CheckTitle(r.Title)));
    }
}

sealed class RenameSectionEndpoint : CommandEndpoint<RenameSectionRequest>
{
    public override void Configure()
    {
        Patch("/v1/courses/{courseId}/sections/{sectionId}");
        Permissions("courses.author");
        Describe("Rename a section");
    }

    public override Task HandleAsync(RenameSectionRequest req, CancellationToken ct)
        => SendAsync(new RenameSection(Actor, req.CourseId, req.SectionId, req.Title!, IfMatch), ct);
}
