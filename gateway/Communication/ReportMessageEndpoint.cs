using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ReportMessageRequest([property: RouteParam] Guid ConversationId, [property: RouteParam] Guid MessageId, string? Reason);

sealed class ReportMessageValidator : Validator<ReportMessageRequest>
{
    public ReportMessageValidator() => RuleFor(r => r.Reason).NotEmpty().MaximumLength(500);
}

sealed class ReportMessageEndpoint : CommandEndpoint<ReportMessageRequest>
{
    public override void Configure()
    {
        Post("/v1/conversations/{conversationId}/messages/{messageId}/reports");
        Permissions("learn");
        Describe("Report a message to the moderators");
    }

    public override Task HandleAsync(ReportMessageRequest req, CancellationToken ct)
        => SendAsync(new ReportMessage(Actor, Guid.CreateVersion7(), req.ConversationId, req.MessageId, req.Reason!.Trim()), ct);
}
