using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetAttemptRequest([property: RouteParam] Guid AttemptId);

sealed class GetAttemptEndpoint : QueryEndpoint<GetAttemptRequest, AttemptView>
{
    public override void Configure()
    {
        Get("/v1/attempts/{attemptId}");
        Permissions("learn");
        Describe("An attempt: its questions, its answers and, once graded, its results");
    }

    public override Task HandleAsync(GetAttemptRequest req, CancellationToken ct)
        => ForwardAsync("learning", $"/internal/learning/attempts/{req.AttemptId}", ct);
}
