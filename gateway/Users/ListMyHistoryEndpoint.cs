using EdTech.Contracts;
using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyHistoryRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyHistoryValidator : Validator<ListMyHistoryRequest>
{
    public ListMyHistoryValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyHistoryEndpoint : QueryEndpoint<ListMyHistoryRequest, Page<HistoryEntry>>
{
    public override void Configure()
    {
        Get("/v1/me/history");
        Authenticated();
        Describe("What happened to the own account");
    }

    public override Task HandleAsync(ListMyHistoryRequest req, CancellationToken ct)
        => ForwardAsync("users", WithQuery("/internal/users/me/history", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
