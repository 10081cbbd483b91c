using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ChangePasswordRequest(string? CurrentPassword, string? NewPassword);

sealed class ChangePasswordValidator : Validator<ChangePasswordRequest>
{
    public ChangePasswordValidator()
    {
        RuleFor(r => r.CurrentPassword).NotEmpty().MaximumLength(128);
        RuleFor(r => r.NewPassword).NotEmpty().MinimumLength(10).MaximumLength(128);
    }
}

sealed class ChangePasswordEndpoint : InternalWriteEndpoint<ChangePasswordRequest>
{
    public override void Configure()
    {
        Put("/v1/me/password");
        Authenticated();
        LimitedAsCredentials();
        Describe<Done>("Change the own password, and sign out everywhere else");
    }

    public override Task HandleAsync(ChangePasswordRequest req, CancellationToken ct)
        => PostAsync<Done>("users", "/internal/users/me/password", new ChangePassword(req.CurrentPassword!, req.NewPassword!, User.SessionId()), ct);
}
