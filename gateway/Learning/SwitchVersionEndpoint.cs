using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record SwitchVersionRequest([property: RouteParam] Guid CourseId);

sealed class SwitchVersionEndpoint : CommandEndpoint<SwitchVersionRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/enrolment/switch");
        Permissions("learn");
        Describe("Move to the newest version of a course");
    }

    public override Task HandleAsync(SwitchVersionRequest req, CancellationToken ct)
        => SendAsync(new SwitchVersion(Actor, req.CourseId), ct);
}
