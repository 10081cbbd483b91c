using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListEntriesRequest([property: RouteParam] Guid ConversationId, [property: QueryParam] long? After, [property: QueryParam] int? Limit);

sealed class ListEntriesValidator : Validator<ListEntriesRequest>
{
    public ListEntriesValidator()
    {
        RuleFor(r => r.After).GreaterThanOrEqualTo(0);
        RuleFor(r => r.Limit).InclusiveBetween(1, 500);
    }
}

sealed class ListEntriesEndpoint : QueryEndpoint<ListEntriesRequest, EntryPage>
{
    public override void Configure()
    {
        Get("/v1/conversations/{conversationId}/entries");
        Permissions("learn");
        Describe("List what happened in a conversation after a sequence, for a client that comes back");
    }

    public override Task HandleAsync(ListEntriesRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery($"/internal/communication/conversations/{req.ConversationId}/entries", ("after", req.After), ("limit", req.Limit)), ct);
}
