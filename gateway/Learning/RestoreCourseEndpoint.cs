using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record RestoreCourseRequest([property: RouteParam] Guid CourseId);

sealed class RestoreCourseEndpoint : CommandEndpoint<RestoreCourseRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/restore");
        Permissions("courses.publish", "courses.moderate");
        Describe("Bring an archived course back");
    }

    public override Task HandleAsync(RestoreCourseRequest req, CancellationToken ct)
        => SendAsync(new RestoreCourse(Actor, req.CourseId, IfMatch), ct);
}
