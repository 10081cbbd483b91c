using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMembersRequest([property: RouteParam] Guid ConversationId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMembersValidator : Validator<ListMembersRequest>
{
    public ListMembersValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 200);
    }
}

sealed class ListMembersEndpoint : QueryEndpoint<ListMembersRequest, Page<MemberView>>
{
    public override void Configure()
    {
        Get("/v1/conversations/{conversationId}/members");
        Permissions("learn");
        Describe("List who is in a conversation, and how far each has read");
    }

    public override Task HandleAsync(ListMembersRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery($"/internal/communication/conversations/{req.ConversationId}/members", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
