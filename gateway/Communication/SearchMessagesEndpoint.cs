using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record SearchMessagesRequest([property: RouteParam] Guid ConversationId, [property: QueryParam(IsRequired = true)] string? Q, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class SearchMessagesValidator : Validator<SearchMessagesRequest>
{
    public SearchMessagesValidator()
    {
        RuleFor(r => r.Q).NotEmpty().MaximumLength(200);
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 50);
    }
}

sealed class SearchMessagesEndpoint : QueryEndpoint<SearchMessagesRequest, MessageSearchPage>
{
    public override void Configure()
    {
        Get("/v1/conversations/{conversationId}/messages/search");
        Permissions("learn");
        Describe("Search the messages of a conversation by the beginnings of words, newest first");
    }

    public override Task HandleAsync(SearchMessagesRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery($"/internal/communication/conversations/{req.ConversationId}/messages/search", ("q", req.Q), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
