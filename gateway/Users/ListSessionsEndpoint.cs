using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class ListSessionsEndpoint : QueryEndpoint<EmptyRequest, Page<SessionView>>
{
    public override void Configure()
    {
        Get("/v1/sessions");
        Authenticated();
        Describe("List the sessions one is signed in with");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => ForwardAsync("users", "/internal/users/me/sessions", ct);
}
