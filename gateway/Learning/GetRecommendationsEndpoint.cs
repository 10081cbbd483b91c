using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class GetRecommendationsEndpoint : QueryEndpoint<EmptyRequest, Recommendations>
{
    public override void Configure()
    {
        Get("/v1/me/recommendations");
        Permissions("learn");
        Describe("What to study next, each with its reason");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => ForwardAsync("learning", "/internal/learning/me/recommendations", ct);
}
