using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record EnrolTwoFactorRequest(string? Password = null);

sealed class EnrolTwoFactorValidator : Validator<EnrolTwoFactorRequest>
{
    public EnrolTwoFactorValidator() => RuleFor(r => r.Password).MaximumLength(128);
}

sealed class EnrolTwoFactorEndpoint : InternalWriteEndpoint<EnrolTwoFactorRequest>
{
    public override void Configure()
    {
        Post("/v1/me/two-factor");
        Authenticated();
        LimitedAsCredentials();
        Describe<TwoFactorSecret>("Begin to set up an authenticator");
    }

    public override Task HandleAsync(EnrolTwoFactorRequest req, CancellationToken ct)
        => PostAsync<TwoFactorSecret>("users", "/internal/users/me/two-factor", new EnrolTwoFactor(req.Password), ct);
}
