using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RenameConversationRequest([property: RouteParam] Guid ConversationId, string? Title);

sealed class RenameConversationValidator : Validator<RenameConversationRequest>
{
    public RenameConversationValidator() => RuleFor(r => r.Title).NotNull().ConversationTitle();
}

sealed class RenameConversationEndpoint : CommandEndpoint<RenameConversationRequest>
{
    public override void Configure()
    {
        Patch("/v1/conversations/{conversationId}");
        Permissions("learn");
        Describe("Name a group anew");
    }

    public override Task HandleAsync(RenameConversationRequest req, CancellationToken ct) => SendAsync(new RenameConversation(Actor, req.ConversationId, req.Title!.Trim()), ct);
}
