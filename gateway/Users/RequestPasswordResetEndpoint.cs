using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RequestPasswordResetRequest(string? Email);

sealed class RequestPasswordResetValidator : Validator<RequestPasswordResetRequest>
{
    public RequestPasswordResetValidator() => RuleFor(r => r.Email).NotEmpty().MaximumLength(EmailAddress.MaxLength);
}

sealed class RequestPasswordResetEndpoint : InternalWriteEndpoint<RequestPasswordResetRequest>
{
    public override void Configure()
    {
        Post("/v1/password-resets");
        AllowAnonymous();
        LimitedAsCredentials();
        Describe<MailOnItsWay>("Ask for a mail to set a new password by", done: 202);
    }

    public override Task HandleAsync(RequestPasswordResetRequest req, CancellationToken ct)
        => PostAsync<MailOnItsWay>("users", "/internal/users/password-resets", new RequestPasswordReset(req.Email!), ct, status: 202);
}
