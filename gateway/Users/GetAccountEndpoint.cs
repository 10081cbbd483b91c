using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetAccountRequest([property: RouteParam] Guid AccountId);

sealed class GetAccountEndpoint : QueryEndpoint<GetAccountRequest, AccountView>
{
    public override void Configure()
    {
        Get("/v1/accounts/{accountId}");
        Permissions("accounts.read");
        Describe("Look at an account");
    }

    public override Task HandleAsync(GetAccountRequest req, CancellationToken ct) => ForwardAsync("users", $"/internal/users/accounts/{req.AccountId}", ct);
}
