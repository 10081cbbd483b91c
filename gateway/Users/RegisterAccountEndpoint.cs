using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RegisterAccountRequest(string? Email, string? Password, string? DisplayName, string? Locale = null, string? TimeZone = null);

sealed class RegisterAccountValidator : Validator<RegisterAccountRequest>
{
    public RegisterAccountValidator()
    {
        RuleFor(r => r.Email).NotEmpty().MaximumLength(EmailAddress.MaxLength).Must(e => EmailAddress.Normalise(e) is not null).WithMessage("This is not an e-mail address.");
        RuleFor(r => r.Password).NotEmpty().MinimumLength(10).MaximumLength(128);
        RuleFor(r => r.DisplayName).NotEmpty().MaximumLength(100);
        RuleFor(r => r.Locale).MaximumLength(20);
        RuleFor(r => r.TimeZone).MaximumLength(64);
    }
}

sealed class RegisterAccountEndpoint : InternalWriteEndpoint<RegisterAccountRequest>
{
    public override void Configure()
    {
        Post("/v1/accounts");
        AllowAnonymous();
        LimitedAsCredentials();
        Describe<MailOnItsWay>("Register an account", done: 202);
    }

    public override Task HandleAsync(RegisterAccountRequest req, CancellationToken ct)
        => PostAsync<MailOnItsWay>("users", "/internal/users/accounts", new RegisterAccount(req.Email!, req.Password!, req.DisplayName!, req.Locale, req.TimeZone), ct, status: 202);
}
