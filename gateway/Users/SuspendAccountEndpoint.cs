using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record SuspendAccountRequest([property: RouteParam] Guid AccountId, string? Reason);

sealed class SuspendAccountValidator : Validator<SuspendAccountRequest>
{
    public SuspendAccountValidator() => RuleFor(r => r.Reason).NotEmpty().MaximumLength(500);
}

sealed class SuspendAccountEndpoint : CommandEndpoint<SuspendAccountRequest>
{
    public override void Configure()
    {
        Post("/v1/accounts/{accountId}/suspend");
        Permissions("accounts.suspend");
        Describe("Suspend an account and end its sessions");
    }

    public override Task HandleAsync(SuspendAccountRequest req, CancellationToken ct)
        => SendAsync(new SuspendAccount(Actor, req.AccountId, req.Reason!), ct);
}
