using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RemoveSectionRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid SectionId);

sealed class RemoveSectionEndpoint : CommandEndpoint<RemoveSectionRequest>
{
    public override void Configure()
    {
        Delete("/v1/courses/{courseId}/sections/{sectionId}");
        Permissions("courses.author");
        Describe("Remove a section and its lessons from the draft");
    }

    public override Task HandleAsync(RemoveSectionRequest req, CancellationToken ct)
        => SendAsync(new RemoveSection(Actor, req.CourseId, req.SectionId, IfMatch), ct);
}
