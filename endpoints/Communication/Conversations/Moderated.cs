using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Finds the group that a moderator wants to change, or refuses.</summary>
static class Moderated
{
    public static async Task<Conversation?> Group(Guid id, Actor by, IMessageHandlerContext context)
    {
        if (await Conversation.Find(context.Items.Table, id, context.CancellationToken) is not { } conversation)
        {
            await context.Refuse(RefusalKind.NotFound, "conversation.not_found", "There is no such conversation.");
            return null;
        }

        if (await Membership.Find(context.Items.Table, id, by.Id, context.CancellationToken) is not { } member)
        {
            await context.Refuse(RefusalKind.NotFound, "conversation.not_a_member", "You are not a member of this conversation.");
            return null;
        }

        if (conversation.Kind != ConversationKind.Group)
        {
            await context.Refuse(RefusalKind.Conflict, "conversation.not_a_group", "Only the members of a group are chosen by people.");
            return null;
        }

        if (!member.Moderator)
        {
            await context.Refuse(RefusalKind.Forbidden, "conversation.not_moderator", "Only a moderator of the group may do this.");
            return null;
        }

        return conversation;
    }
}
