using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListAuthoredPathsRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListAuthoredPathsValidator : Validator<ListAuthoredPathsRequest>
{
    public ListAuthoredPathsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListAuthoredPathsEndpoint : QueryEndpoint<ListAuthoredPathsRequest, Page<PathSummary>>
{
    public override void Configure()
    {
        Get("/v1/me/authored-paths");
        Permissions("paths.author");
        Describe("List the learning paths one has written");
    }

    public override Task HandleAsync(ListAuthoredPathsRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery("/internal/learning/me/authored-paths", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
