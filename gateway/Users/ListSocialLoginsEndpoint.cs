using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class ListSocialLoginsEndpoint : QueryEndpoint<EmptyRequest, Page<SocialLoginView>>
{
    public override void Configure()
    {
        Get("/v1/me/social-logins");
        Authenticated();
        Describe("List the providers one can sign in with");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => ForwardAsync("users", "/internal/users/me/social-logins", ct);
}
