using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RenewRecoveryCodesRequest(string? Code, string? Password = null);

sealed class RenewRecoveryCodesValidator : Validator<RenewRecoveryCodesRequest>
{
    public RenewRecoveryCodesValidator()
    {
        RuleFor(r => r.Code).NotEmpty().MaximumLength(32);
        RuleFor(r => r.Password).MaximumLength(128);
    }
}

sealed class RenewRecoveryCodesEndpoint : InternalWriteEndpoint<RenewRecoveryCodesRequest>
{
    public override void Configure()
    {
        Post("/v1/me/two-factor/recovery-codes");
        Authenticated();
        LimitedAsCredentials();
        Describe<RecoveryCodes>("Get new recovery codes in place of the old");
    }

    public override Task HandleAsync(RenewRecoveryCodesRequest req, CancellationToken ct)
        => PostAsync<RecoveryCodes>("users", "/internal/users/me/two-factor/recovery-codes", new TwoFactorProof(req.Password, req.Code!), ct);
}
