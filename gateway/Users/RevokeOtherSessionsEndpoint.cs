using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class RevokeOtherSessionsEndpoint : CommandEndpoint<EmptyRequest>
{
    public override void Configure()
    {
        Delete("/v1/sessions");
        Authenticated();
        IsNeverShed();
        Describe("Sign out everywhere but here");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => SendAsync(new RevokeOtherSessions(Actor, User.SessionId()), ct);
}
