using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class GetImportRequest
{
    /// <summary>The import, as its <c>Location</c> named it.</summary>
    [RouteParam]
    public Guid ImportId { get; set; }
}

sealed class GetImportEndpoint : QueryEndpoint<GetImportRequest, CourseImportView>
{
    public override void Configure()
    {
        Get("/v1/imports/{importId}");
        Permissions("courses.author");
        Describe("Read what was imported and what was not");
    }

    public override Task HandleAsync(GetImportRequest req, CancellationToken ct) => ForwardAsync("learning", $"/internal/learning/imports/{req.ImportId}", ct);
}
