using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record MoveSectionRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid SectionId, int? Position);

sealed class MoveSectionValidator : Validator<MoveSectionRequest>
{
    public MoveSectionValidator()
    {
        RuleFor(r => r.Position).NotNull().GreaterThanOrEqualTo(0);
    }
}

sealed class MoveSectionEndpoint : CommandEndpoint<MoveSectionRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/sections/{sectionId}/move");
        Permissions("courses.author");
        Describe("Move a section");
    }

    public override Task HandleAsync(MoveSectionRequest req, CancellationToken ct)
        => SendAsync(new MoveSection(Actor, req.CourseId, req.SectionId, req.Position!.Value, IfMatch), ct);
}
