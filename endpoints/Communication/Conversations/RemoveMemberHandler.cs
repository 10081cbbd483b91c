using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Leaving, or being removed by a moderator. A group whose last moderator leaves is handed to its oldest member.</summary>
sealed class RemoveMemberHandler : IHandleMessages<RemoveMember>
{
    public async Task Handle(RemoveMember command, IMessageHandlerContext context)
    {
        var (table, ct) = (context.Items.Table, context.CancellationToken);
        if (await Conversation.Find(table, command.ConversationId, ct) is not { } conversation)
        {
            await context.Refuse(RefusalKind.NotFound, "conversation.not_found", "There is no such conversation.");
            return;
        }

        if (await Membership.Find(table, conversation.Id, command.By.Id, ct) is not { } by)
        {
            await context.Refuse(RefusalKind.NotFound, "conversation.not_a_member", "You are not a member of this conversation.");
            return;
        }

        if (conversation.Kind != ConversationKind.Group)
        {
            await context.Refuse(RefusalKind.Conflict, "conversation.not_a_group", "One leaves groups only: the other conversations follow from what one does.");
            return;
        }

        if (command.AccountId != by.AccountId && !by.Moderator)
        {
            await context.Refuse(RefusalKind.Forbidden, "conversation.not_moderator", "Only a moderator of the group may do this.");
            return;
        }

        var leaving = command.AccountId == by.AccountId ? by : await Membership.Find(table, conversation.Id, command.AccountId, ct);
        if (leaving is null)
        {
            await context.Reply(new Done(conversation.Id, conversation.Version));
            return;
        }

        if (leaving.Moderator)
        {
            await HandOver(conversation, leaving, context);
        }

        // Whoever comes or goes at the same moment has this decided anew: a group must not end up without a moderator.
        Membership.Remove(context.Items, conversation.Id, leaving.AccountId, context.Now);
        Conversation.CountMembers(context.Items, conversation.Id, -1, conversation.Version);
        await context.Publish(new MemberLeft(conversation.Id, leaving.AccountId, context.Now));
        await context.Reply(new Done(conversation.Id, conversation.Version + 1));
    }

    static async Task HandOver(Conversation conversation, Membership leaving, IMessageHandlerContext context)
    {
        var pk = Keys.Conversation(conversation.Id);
        var others = (await context.Items.Table.Query(pk, Keys.MemberPrefix, Keys.MemberPrefix + Keys.Last, Conversation.MaxMembers, newestFirst: false, context.CancellationToken))
            .Select(Membership.Of).Where(m => m.AccountId != leaving.AccountId).ToArray();
        if (others.Length == 0 || others.Any(m => m.Moderator))
        {
            return;
        }

        Membership.Promote(context.Items, conversation.Id, others.OrderBy(m => m.JoinedAt).ThenBy(m => m.AccountId).First().AccountId);
    }
}
