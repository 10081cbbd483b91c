using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record PublishCourseRequest([property: RouteParam] Guid CourseId);

sealed class PublishCourseEndpoint : CommandEndpoint<PublishCourseRequest>
{
    public override void Configure()
    {
        Post("/v1/courses/{courseId}/publish");
        Permissions("courses.publish");
        Describe("Publish a course");
    }

    public override Task HandleAsync(PublishCourseRequest req, CancellationToken ct)
        => SendAsync(new PublishCourse(Actor, req.CourseId, IfMatch), ct);
}
