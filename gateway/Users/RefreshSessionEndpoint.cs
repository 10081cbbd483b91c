using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RefreshSessionRequest(string? RefreshToken);

sealed class RefreshSessionValidator : Validator<RefreshSessionRequest>
{
    public RefreshSessionValidator() => RuleFor(r => r.RefreshToken).NotEmpty().MaximumLength(200);
}

sealed class RefreshSessionEndpoint : InternalWriteEndpoint<RefreshSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/sessions/refresh");
        AllowAnonymous();
        Describe<SessionTokens>("Exchange a refresh token for the next pair");
    }

    public override Task HandleAsync(RefreshSessionRequest req, CancellationToken ct)
        => PostAsync<SessionTokens>("users", "/internal/users/sessions/refresh", new RefreshSession(req.RefreshToken!), ct);
}
