using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record LinkSocialLoginRequest(SocialProvider? Provider, string? IdToken, string? Nonce);

sealed class LinkSocialLoginValidator : Validator<LinkSocialLoginRequest>
{
    public LinkSocialLoginValidator()
    {
        RuleFor(r => r.Provider).NotNull();
        RuleFor(r => r.IdToken).NotEmpty().MaximumLength(10_000);
        RuleFor(r => r.Nonce).NotEmpty().MaximumLength(200);
    }
}

sealed class LinkSocialLoginEndpoint : InternalWriteEndpoint<LinkSocialLoginRequest>
{
    public override void Configure()
    {
        Post("/v1/me/social-logins");
        Authenticated();
        LimitedAsCredentials();
        Describe<Done>("Sign in with this provider too from now on");
    }

    public override Task HandleAsync(LinkSocialLoginRequest req, CancellationToken ct)
        => PostAsync<Done>("users", "/internal/users/me/social-logins", new LinkSocialLogin(req.Provider!.Value, req.IdToken!, req.Nonce!), ct);
}
