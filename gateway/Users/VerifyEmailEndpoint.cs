using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record VerifyEmailRequest(string? Token);

sealed class VerifyEmailValidator : Validator<VerifyEmailRequest>
{
    public VerifyEmailValidator() => RuleFor(r => r.Token).NotEmpty().MaximumLength(200);
}

sealed class VerifyEmailEndpoint : InternalWriteEndpoint<VerifyEmailRequest>
{
    public override void Configure()
    {
        Post("/v1/accounts/verify");
        AllowAnonymous();
        LimitedAsCredentials();
        Describe<Done>("Verify an e-mail address by the mailed token");
    }

    public override Task HandleAsync(VerifyEmailRequest req, CancellationToken ct)
        => PostAsync<Done>("users", "/internal/users/accounts/verify", new VerifyEmail(req.Token!), ct);
}
