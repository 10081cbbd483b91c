using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyBlocksRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyBlocksValidator : Validator<ListMyBlocksRequest>
{
    public ListMyBlocksValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyBlocksEndpoint : QueryEndpoint<ListMyBlocksRequest, Page<BlockView>>
{
    public override void Configure()
    {
        Get("/v1/me/blocks");
        Permissions("learn");
        Describe("List whom one has blocked");
    }

    public override Task HandleAsync(ListMyBlocksRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery("/internal/communication/blocks", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
