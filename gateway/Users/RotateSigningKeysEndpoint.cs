using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class RotateSigningKeysEndpoint : CommandEndpoint<EmptyRequest>
{
    public override void Configure()
    {
        Post("/v1/keys/rotate");
        Permissions("keys.rotate");
        Describe("Publish the next signing key");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => SendAsync(new RotateSigningKeys(Actor), ct);
}
