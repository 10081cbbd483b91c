using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class SignOutEndpoint : CommandEndpoint<EmptyRequest>
{
    public override void Configure()
    {
        Delete("/v1/sessions/current");
        Authenticated();
        IsNeverShed();
        Describe("Sign out");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => SendAsync(new RevokeSession(Actor, User.SessionId()), ct);
}
