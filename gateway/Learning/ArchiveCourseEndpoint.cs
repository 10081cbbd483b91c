using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record ArchiveCourseRequest([property: RouteParam] Guid CourseId);

sealed class ArchiveCourseEndpoint : CommandEndpoint<ArchiveCourseRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/archive");
        Permissions("courses.publish", "courses.moderate");
        Describe("Take a course out of the catalogue");
    }

    public override Task HandleAsync(ArchiveCourseRequest req, CancellationToken ct)
        => SendAsync(new ArchiveCourse(Actor, req.CourseId, IfMatch), ct);
}
