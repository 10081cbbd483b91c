using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMessagesRequest([property: RouteParam] Guid ConversationId, [property: QueryParam] long? Before, [property: QueryParam] long? After, [property: QueryParam] int? Limit);

sealed class ListMessagesValidator : Validator<ListMessagesRequest>
{
    public ListMessagesValidator()
    {
        RuleFor(r => r.Before).GreaterThanOrEqualTo(0).Must((r, before) => before is null || r.After is null).WithMessage("A page lies before a place or after one, not both.");
        RuleFor(r => r.After).GreaterThanOrEqualTo(0);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMessagesEndpoint : QueryEndpoint<ListMessagesRequest, MessagePage>
{
    public override void Configure()
    {
        Get("/v1/conversations/{conversationId}/messages");
        Permissions("learn");
        Describe("List messages of a conversation: the newest, or those before or after a sequence");
    }

    public override Task HandleAsync(ListMessagesRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery($"/internal/communication/conversations/{req.ConversationId}/messages", ("before", req.Before), ("after", req.After), ("limit", req.Limit)), ct);
}
