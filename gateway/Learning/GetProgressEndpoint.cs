using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetProgressRequest([property: RouteParam] Guid CourseId);

sealed class GetProgressEndpoint : QueryEndpoint<GetProgressRequest, ProgressView>
{
    public override void Configure()
    {
        Get("/v1/courses/{courseId}/progress");
        Permissions("learn");
        Describe("How far one is in a course, and why");
    }

    public override Task HandleAsync(GetProgressRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/courses/{req.CourseId}/progress", ct);
}
