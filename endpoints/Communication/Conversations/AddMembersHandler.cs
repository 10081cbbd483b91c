using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// The people that a group was opened with, a handful a message, one message after the other: all of them write the conversation's count. Whoever is
/// a member by now, or is in too many conversations, is passed over.
/// </summary>
sealed class AddMembersHandler : IHandleMessages<AddMembers>
{
    public async Task Handle(AddMembers command, IMessageHandlerContext context)
    {
        var (table, id, ct) = (context.Items.Table, command.ConversationId, context.CancellationToken);
        var some = command.AccountIds.Take(Membership.PerMessage).ToArray();
        var members = (await Membership.Find(table, id, some, ct)).Select(m => m.AccountId).ToHashSet();
        var full = await Task.WhenAll(some.Select(a => Membership.Full(table, a, ct)));
        var added = some.Where((a, i) => !members.Contains(a) && !full[i]).ToArray();
        var member = await new Membership(id, Guid.Empty, ConversationKind.Group, Moderator: false, context.Now).FromHere(table, ct);
        foreach (var account in added)
        {
            Membership.Add(context.Items, member with { AccountId = account });
            await context.Publish(new MemberJoined(id, account, context.Now));
        }

        if (added.Length > 0)
        {
            Conversation.CountMembers(context.Items, id, added.Length);
        }

        if (command.AccountIds.Count > some.Length)
        {
            await context.SendLocal(new AddMembers(command.By, id, [.. command.AccountIds.Skip(some.Length)]));
        }
    }
}
