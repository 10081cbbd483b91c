using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class RenameConversationHandler : IHandleMessages<RenameConversation>
{
    public async Task Handle(RenameConversation command, IMessageHandlerContext context)
    {
        if (await Moderated.Group(command.ConversationId, command.By, context) is not { } group)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(command.Title) || command.Title.Length > 120)
        {
            await context.Refuse(RefusalKind.Invalid, "conversation.title", "A group has a title of 1 to 120 characters.");
            return;
        }

        context.Items.Update(
            Keys.Conversation(group.Id),
            Keys.Meta,
            "SET title = :title ADD version :one",
            "version = :seen",
            new() { [":title"] = DynamoValues.Of(command.Title.Trim()), [":one"] = DynamoValues.Of(1), [":seen"] = DynamoValues.Of(group.Version) });
        await context.Reply(new Done(group.Id, group.Version + 1));
    }
}
