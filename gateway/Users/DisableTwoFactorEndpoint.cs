using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record DisableTwoFactorRequest(string? Code, string? Password = null);

sealed class DisableTwoFactorValidator : Validator<DisableTwoFactorRequest>
{
    public DisableTwoFactorValidator()
    {
        RuleFor(r => r.Code).NotEmpty().MaximumLength(32);
        RuleFor(r => r.Password).MaximumLength(128);
    }
}

sealed class DisableTwoFactorEndpoint : InternalWriteEndpoint<DisableTwoFactorRequest>
{
    public override void Configure()
    {
        Post("/v1/me/two-factor/disable");
        Authenticated();
        LimitedAsCredentials();
        Describe<Done>("Switch the second factor off");
    }

    public override Task HandleAsync(DisableTwoFactorRequest req, CancellationToken ct)
        => PostAsync<Done>("users", "/internal/users/me/two-factor/disable", new TwoFactorProof(req.Password, req.Code!), ct);
}
