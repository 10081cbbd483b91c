using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record StartSessionRequest(string? Email, string? Password, string? Code = null, string? Device = null);

sealed class StartSessionValidator : Validator<StartSessionRequest>
{
    public StartSessionValidator()
    {
        RuleFor(r => r.Email).NotEmpty().MaximumLength(EmailAddress.MaxLength);
        RuleFor(r => r.Password).NotEmpty().MaximumLength(128);
        RuleFor(r => r.Code).MaximumLength(32);
        RuleFor(r => r.Device).MaximumLength(200);
    }
}

sealed class StartSessionEndpoint : InternalWriteEndpoint<StartSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/sessions");
        AllowAnonymous();
        LimitedAsCredentials();
        Describe<SessionTokens>("Sign in");
    }

    public override Task HandleAsync(StartSessionRequest req, CancellationToken ct)
        => PostAsync<SessionTokens>("users", "/internal/users/sessions", new StartSession(req.Email!, req.Password!, req.Code, req.Device), ct);
}
