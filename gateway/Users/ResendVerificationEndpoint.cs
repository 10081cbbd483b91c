using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ResendVerificationRequest(string? Email);

sealed class ResendVerificationValidator : Validator<ResendVerificationRequest>
{
    public ResendVerificationValidator() => RuleFor(r => r.Email).NotEmpty().MaximumLength(EmailAddress.MaxLength);
}

sealed class ResendVerificationEndpoint : InternalWriteEndpoint<ResendVerificationRequest>
{
    public override void Configure()
    {
        Post("/v1/accounts/verify/resend");
        AllowAnonymous();
        LimitedAsCredentials();
        Describe<MailOnItsWay>("Ask for another verification mail", done: 202);
    }

    public override Task HandleAsync(ResendVerificationRequest req, CancellationToken ct)
        => PostAsync<MailOnItsWay>("users", "/internal/users/accounts/verify/resend", new ResendVerification(req.Email!), ct, status: 202);
}
