using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record EnrolRequest([property: RouteParam] Guid CourseId);

sealed class EnrolEndpoint : CommandEndpoint<EnrolRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/enrolment");
        Permissions("learn");
        Describe("Enrol in a free course");
    }

    public override Task HandleAsync(EnrolRequest req, CancellationToken ct)
        => SendAsync(new Enrol(Actor, Guid.CreateVersion7(), req.CourseId), ct);
}
