using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record StartSocialSessionRequest(SocialProvider? Provider, string? IdToken, string? Nonce, string? Code = null, string? Device = null);

sealed class StartSocialSessionValidator : Validator<StartSocialSessionRequest>
{
    public StartSocialSessionValidator()
    {
        RuleFor(r => r.Provider).NotNull();
        RuleFor(r => r.IdToken).NotEmpty().MaximumLength(10_000);
        RuleFor(r => r.Nonce).NotEmpty().MaximumLength(200);
        RuleFor(r => r.Code).MaximumLength(32);
        RuleFor(r => r.Device).MaximumLength(200);
    }
}

sealed class StartSocialSessionEndpoint : InternalWriteEndpoint<StartSocialSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/sessions/social");
        AllowAnonymous();
        LimitedAsCredentials();
        Describe<SessionTokens>("Sign in with Google, Facebook or Apple");
    }

    public override Task HandleAsync(StartSocialSessionRequest req, CancellationToken ct)
        => PostAsync<SessionTokens>("users", "/internal/users/sessions/social", new StartSocialSession(req.Provider!.Value, req.IdToken!, req.Nonce!, req.Code, req.Device), ct);
}
