using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ConfirmTwoFactorRequest(string? Code);

sealed class ConfirmTwoFactorValidator : Validator<ConfirmTwoFactorRequest>
{
    public ConfirmTwoFactorValidator() => RuleFor(r => r.Code).NotEmpty().MaximumLength(32);
}

sealed class ConfirmTwoFactorEndpoint : InternalWriteEndpoint<ConfirmTwoFactorRequest>
{
    public override void Configure()
    {
        Post("/v1/me/two-factor/confirm");
        Authenticated();
        LimitedAsCredentials();
        Describe<RecoveryCodes>("Confirm the authenticator by its first code");
    }

    public override Task HandleAsync(ConfirmTwoFactorRequest req, CancellationToken ct)
        => PostAsync<RecoveryCodes>("users", "/internal/users/me/two-factor/confirm", new ConfirmTwoFactor(req.Code!), ct);
}
