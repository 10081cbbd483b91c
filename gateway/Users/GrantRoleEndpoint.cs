using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record GrantRoleRequest([property: RouteParam] Guid AccountId, [property: RouteParam] string Role);

sealed class GrantRoleValidator : Validator<GrantRoleRequest>
{
    public GrantRoleValidator() => RuleFor(r => r.Role).MaximumLength(32);
}

sealed class GrantRoleEndpoint : CommandEndpoint<GrantRoleRequest>
{
    public override void Configure()
    {
        Put("/v1/accounts/{accountId}/roles/{role}");
        Permissions("roles.grant");
        Describe("Grant an account a role");
    }

    public override Task HandleAsync(GrantRoleRequest req, CancellationToken ct)
        => SendAsync(new GrantRole(Actor, req.AccountId, req.Role), ct);
}
