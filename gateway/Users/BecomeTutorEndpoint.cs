using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class BecomeTutorEndpoint : CommandEndpoint<EmptyRequest>
{
    public override void Configure()
    {
        Post("/v1/me/roles/tutor");
        Authenticated();
        Describe("Become a tutor");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => SendAsync(new BecomeTutor(Actor), ct);
}
