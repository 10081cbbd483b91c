using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record ReinstateAccountRequest([property: RouteParam] Guid AccountId);

sealed class ReinstateAccountEndpoint : CommandEndpoint<ReinstateAccountRequest>
{
    public override void Configure()
    {
        Post("/v1/accounts/{accountId}/reinstate");
        Permissions("accounts.suspend");
        Describe("End an account's suspension");
    }

    public override Task HandleAsync(ReinstateAccountRequest req, CancellationToken ct)
        => SendAsync(new ReinstateAccount(Actor, req.AccountId), ct);
}
