using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record UnlinkSocialLoginRequest([property: RouteParam] SocialProvider Provider);

sealed class UnlinkSocialLoginEndpoint : CommandEndpoint<UnlinkSocialLoginRequest>
{
    public override void Configure()
    {
        Delete("/v1/me/social-logins/{provider}");
        Authenticated();
        Describe("Sign in with this provider no longer");
    }

    public override Task HandleAsync(UnlinkSocialLoginRequest req, CancellationToken ct)
        => SendAsync(new UnlinkSocialLogin(Actor, req.Provider), ct);
}
