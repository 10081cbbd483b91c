using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyPathsRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyPathsValidator : Validator<ListMyPathsRequest>
{
    public ListMyPathsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyPathsEndpoint : QueryEndpoint<ListMyPathsRequest, Page<PathSummary>>
{
    public override void Configure()
    {
        Get("/v1/me/paths");
        Permissions("learn");
        Describe("List the learning paths one follows");
    }

    public override Task HandleAsync(ListMyPathsRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery("/internal/learning/me/paths", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
