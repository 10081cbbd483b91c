using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListAccountsRequest([property: QueryParam] string? Email, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListAccountsValidator : Validator<ListAccountsRequest>
{
    public ListAccountsValidator()
    {
        RuleFor(r => r.Email).MaximumLength(EmailAddress.MaxLength);
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListAccountsEndpoint : QueryEndpoint<ListAccountsRequest, Page<AccountView>>
{
    public override void Configure()
    {
        Get("/v1/accounts");
        Permissions("accounts.read");
        Describe("Find accounts by their address, or list them newest first");
    }

    public override Task HandleAsync(ListAccountsRequest req, CancellationToken ct)
        => ForwardAsync("users", WithQuery("/internal/users/accounts", ("email", req.Email), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
