using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ResetPasswordRequest(string? Token, string? NewPassword);

sealed class ResetPasswordValidator : Validator<ResetPasswordRequest>
{
    public ResetPasswordValidator()
    {
        RuleFor(r => r.Token).NotEmpty().MaximumLength(200);
        RuleFor(r => r.NewPassword).NotEmpty().MinimumLength(10).MaximumLength(128);
    }
}

sealed class ResetPasswordEndpoint : InternalWriteEndpoint<ResetPasswordRequest>
{
    public override void Configure()
    {
        Post("/v1/password-resets/complete");
        AllowAnonymous();
        LimitedAsCredentials();
        Describe<Done>("Set a new password by the mailed token");
    }

    public override Task HandleAsync(ResetPasswordRequest req, CancellationToken ct)
        => PostAsync<Done>("users", "/internal/users/password-resets/complete", new ResetPassword(req.Token!, req.NewPassword!), ct);
}
