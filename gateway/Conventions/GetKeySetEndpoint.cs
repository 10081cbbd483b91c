using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>The public keys by which anybody can check the platform's access tokens.</summary>
sealed class GetKeySetEndpoint : QueryEndpoint<EmptyRequest, KeySet>
{
    public override void Configure()
    {
        Get("/.well-known/jwks.json");
        AllowAnonymous();
        Describe("Get the keys that check access tokens", tag: "Keys");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => ForwardAsync("users", "/internal/users/jwks", ct, new Cache("jwks") { Lifetime = TimeSpan.FromSeconds(5) });
}
