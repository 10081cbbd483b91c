using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class AddMemberHandler(KnownPeople people) : IHandleMessages<AddMember>
{
    public async Task Handle(AddMember command, IMessageHandlerContext context)
    {
        var (table, ct) = (context.Items.Table, context.CancellationToken);
        if (await Moderated.Group(command.ConversationId, command.By, context) is not { } group)
        {
            return;
        }

        if (await Membership.Find(table, group.Id, command.AccountId, ct) is not null)
        {
            await context.Reply(new Done(group.Id, group.Version));
            return;
        }

        if (group.Members >= Conversation.MaxMembers)
        {
            await context.Refuse(RefusalKind.Conflict, "conversation.full", $"A group has at most {Conversation.MaxMembers} members.");
            return;
        }

        if (await people.Unknown([command.AccountId], ct) is { Count: > 0 })
        {
            await context.Refuse(RefusalKind.Invalid, "person.not_found", "There is no such person.");
            return;
        }

        if (await Blocks.Between(table, command.By.Id, command.AccountId, ct))
        {
            await context.Refuse(RefusalKind.Forbidden, "conversation.blocked", "One of you has blocked the other.");
            return;
        }

        if (await Membership.Full(table, command.AccountId, ct))
        {
            await context.Refuse(RefusalKind.Conflict, "conversation.too_many", $"This person is in {Membership.MaxPerPerson} conversations and cannot be in more.");
            return;
        }

        Membership.Add(context.Items, await new Membership(group.Id, command.AccountId, group.Kind, Moderator: false, context.Now).FromHere(table, ct));
        Conversation.CountMembers(context.Items, group.Id, 1, group.Version);
        await context.Publish(new MemberJoined(group.Id, command.AccountId, context.Now));
        await context.Reply(new Done(group.Id, group.Version + 1));
    }
}
