using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class GetMeEndpoint : QueryEndpoint<EmptyRequest, MeView>
{
    public override void Configure()
    {
        Get("/v1/me");
        Authenticated();
        Describe("The own account, profile and permissions");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => ForwardAsync("users", "/internal/users/me", ct);
}
