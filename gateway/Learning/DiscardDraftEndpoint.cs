using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record DiscardDraftRequest([property: RouteParam] Guid CourseId);

sealed class DiscardDraftEndpoint : CommandEndpoint<DiscardDraftRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/discard-draft");
        Permissions("courses.author");
        Describe("Drop the changes since the last publication");
    }

    public override Task HandleAsync(DiscardDraftRequest req, CancellationToken ct)
        => SendAsync(new DiscardDraft(Actor, req.CourseId, IfMatch), ct);
}
