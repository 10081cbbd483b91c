using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class MuteConversationHandler : IHandleMessages<MuteConversation>
{
    public async Task Handle(MuteConversation command, IMessageHandlerContext context)
    {
        if (await Membership.Find(context.Items.Table, command.ConversationId, command.By.Id, context.CancellationToken) is null)
        {
            await context.Refuse(RefusalKind.NotFound, "conversation.not_a_member", "You are not a member of this conversation.");
            return;
        }

        var until = command.Until > context.Now ? command.Until : null;
        context.Items.Update(
            Keys.Account(command.By.Id),
            Keys.Conversation(command.ConversationId),
            until is null ? "REMOVE muted_until" : "SET muted_until = :until",
            "attribute_exists(pk)",
            until is null ? null : new() { [":until"] = DynamoValues.Of(until.Value) });
        await context.Reply(new Done(command.ConversationId));
    }
}
