using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListPathsRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListPathsValidator : Validator<ListPathsRequest>
{
    public ListPathsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListPathsEndpoint : QueryEndpoint<ListPathsRequest, Page<PathSummary>>
{
    public override void Configure()
    {
        Get("/v1/paths");
        AllowAnonymous();
        Describe("List the published learning paths");
    }

    public override Task HandleAsync(ListPathsRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery("/internal/learning/paths", ("cursor", req.Cursor), ("limit", req.Limit)), ct, new Cache(CacheEvictions.Paths));
}
