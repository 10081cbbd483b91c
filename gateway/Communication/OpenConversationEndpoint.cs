using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record OpenConversationRequest(ConversationKind? Kind, IReadOnlyList<Guid>? MemberIds, string? Title = null);

sealed class OpenConversationValidator : Validator<OpenConversationRequest>
{
    public OpenConversationValidator()
    {
        RuleFor(r => r.Kind).NotNull().Must(k => k is null or ConversationKind.Direct or ConversationKind.Group).WithMessage("direct or group: the platform makes the others.");
        RuleFor(r => r.MemberIds).NotEmpty().Must(m => m is null || m.Count < 200).WithMessage("The others: 1 for a direct conversation, at most 199 for a group.");
        RuleFor(r => r.Title).ConversationTitle();
    }
}

sealed class OpenConversationEndpoint : CommandEndpoint<OpenConversationRequest>
{
    public override void Configure()
    {
        Post("/v1/conversations");
        Permissions("learn");
        Describe("Open a conversation with somebody, or a group", done: 201);
    }

    public override Task HandleAsync(OpenConversationRequest req, CancellationToken ct)
        => SendAsync(new OpenConversation(Actor, Guid.CreateVersion7(), req.Kind!.Value, req.Title?.Trim(), req.MemberIds!), ct, done => $"/v1/conversations/{done.Id}");
}

static class ConversationFields
{
    public static void ConversationTitle<T>(this IRuleBuilder<T, string?> title)
        => title.MaximumLength(120).Must(t => t is null || (t.Trim().Length > 0 && !t.Any(char.IsControl))).WithMessage("One line of 1 to 120 characters.");
}
