using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RevokeRoleRequest([property: RouteParam] Guid AccountId, [property: RouteParam] string Role);

sealed class RevokeRoleValidator : Validator<RevokeRoleRequest>
{
    public RevokeRoleValidator() => RuleFor(r => r.Role).MaximumLength(32);
}

sealed class RevokeRoleEndpoint : CommandEndpoint<RevokeRoleRequest>
{
    public override void Configure()
    {
        Delete("/v1/accounts/{accountId}/roles/{role}");
        Permissions("roles.grant");
        Describe("Take a role away from an account");
    }

    public override Task HandleAsync(RevokeRoleRequest req, CancellationToken ct)
        => SendAsync(new RevokeRole(Actor, req.AccountId, req.Role), ct);
}
