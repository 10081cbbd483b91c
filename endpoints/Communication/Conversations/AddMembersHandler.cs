using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>A handful of the people that a group was opened with. Whoever is a member by now, or is in too many conversations, is passed over.</summary>
sealed class AddMembersHandler : IHandleMessages<AddMembers>
{
    public async Task Handle(AddMembers command, IMessageHandlerContext context)
    {
        var members = (await Membership.Find(context.Items.Table, command.ConversationId, command.AccountIds, context.CancellationToken)).Select(m => m.AccountId).ToHashSet();
        var added = 0;
        foreach (var account in command.AccountIds.Where(a => !members.Contains(a)))
        {
            if (await Membership.Full(context.Items.Table, account, context.CancellationToken))
            {
                continue;
            }

            Membership.Add(context.Items, await new Membership(command.ConversationId, account, ConversationKind.Group, Moderator: false, context.Now).FromHere(context.Items.Table, context.CancellationToken));
            await context.Publish(new MemberJoined(command.ConversationId, account, context.Now));
            added++;
        }

        if (added > 0)
        {
            Conversation.CountMembers(context.Items, command.ConversationId, added);
        }
    }
}
