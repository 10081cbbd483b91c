using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Keeps the message as it is now as evidence, whatever its author does to it afterwards.</summary>
sealed class ReportMessageHandler(MessageReads messages) : IHandleMessages<ReportMessage>
{
    public async Task Handle(ReportMessage command, IMessageHandlerContext context)
    {
        if (command.Reason.Length is 0 or > 500)
        {
            await context.Refuse(RefusalKind.Invalid, "report.reason", "A report has a reason of 1 to 500 characters.");
            return;
        }

        if (await Membership.Find(context.Items.Table, command.ConversationId, command.By.Id, context.CancellationToken) is null)
        {
            await context.Refuse(RefusalKind.NotFound, "conversation.not_a_member", "You are not a member of this conversation.");
            return;
        }

        if (await messages.Find(command.ConversationId, command.MessageId, context.CancellationToken) is not { DeletedAt: null } message)
        {
            await context.Refuse(RefusalKind.NotFound, "message.not_found", "There is no such message.");
            return;
        }

        context.Items.Put(
            DynamoValues.Item(Keys.OpenReports, command.ReportId.ToString())
                .With("conversation_id", command.ConversationId)
                .With("message_id", command.MessageId)
                .With("author_id", message.AuthorId)
                .With("reporter_id", command.By.Id)
                .With("text", message.Text)
                .With("reason", command.Reason)
                .With("at", context.Now),
            "attribute_not_exists(pk)");
        await context.Publish(new MessageReported(command.ReportId, command.ConversationId, command.MessageId, command.By.Id, context.Now));
        await context.Reply(new Done(command.ReportId));
    }
}
