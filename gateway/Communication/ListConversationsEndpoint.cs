using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListConversationsRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListConversationsValidator : Validator<ListConversationsRequest>
{
    public ListConversationsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListConversationsEndpoint : QueryEndpoint<ListConversationsRequest, Page<ConversationView>>
{
    public override void Configure()
    {
        Get("/v1/conversations");
        Permissions("learn");
        Describe("List one's conversations, the last active first");
    }

    public override Task HandleAsync(ListConversationsRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery("/internal/communication/conversations", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
