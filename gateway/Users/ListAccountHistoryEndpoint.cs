using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListAccountHistoryRequest([property: RouteParam] Guid AccountId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListAccountHistoryValidator : Validator<ListAccountHistoryRequest>
{
    public ListAccountHistoryValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListAccountHistoryEndpoint : QueryEndpoint<ListAccountHistoryRequest, Page<HistoryEntry>>
{
    public override void Configure()
    {
        Get("/v1/accounts/{accountId}/history");
        Permissions("accounts.read");
        Describe("What happened to an account");
    }

    public override Task HandleAsync(ListAccountHistoryRequest req, CancellationToken ct)
        => ForwardAsync("users", WithQuery($"/internal/users/accounts/{req.AccountId}/history", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
