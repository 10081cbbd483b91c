using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetPersonRequest([property: RouteParam] Guid AccountId);

sealed class GetPersonEndpoint : QueryEndpoint<GetPersonRequest, PersonView>
{
    public override void Configure()
    {
        Get("/v1/people/{accountId}");
        AllowAnonymous();
        Describe("What a person shows of themselves");
    }

    public override Task HandleAsync(GetPersonRequest req, CancellationToken ct)
        // The signed-in may see more than the world: only what the world sees is kept.
        => ForwardAsync("users", $"/internal/users/people/{req.AccountId}", ct, Actor.Id == Guid.Empty ? new Cache(CacheEvictions.Person(req.AccountId)) : null);
}
