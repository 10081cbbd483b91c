using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class OpenConversationHandler(KnownPeople people) : IHandleMessages<OpenConversation>
{
    public async Task Handle(OpenConversation command, IMessageHandlerContext context)
    {
        var others = command.MemberIds.Distinct().ToArray();
        if (others.Contains(command.By.Id))
        {
            await context.Refuse(RefusalKind.Invalid, "conversation.with_oneself", "Name the others only: whoever opens a conversation is a member of it.", Field("memberIds"));
            return;
        }

        if (others.Length is 0 or >= Conversation.MaxMembers || (command.Kind == ConversationKind.Direct && others.Length != 1))
        {
            await context.Refuse(RefusalKind.Invalid, "conversation.members", $"A direct conversation has one other person, a group 1 to {Conversation.MaxMembers - 1}.", Field("memberIds"));
            return;
        }

        // Opening a direct conversation that exists is finding it, whatever has changed between the two since.
        if (command.Kind == ConversationKind.Direct && await Conversation.Find(context.Items.Table, Keys.Direct(command.By.Id, others[0]), context.CancellationToken) is { } existing)
        {
            await context.Reply(new Done(existing.Id));
            return;
        }

        if (await people.Unknown(others, context.CancellationToken) is { Count: > 0 } unknown)
        {
            await context.Refuse(RefusalKind.Invalid, "person.not_found", $"There is no person {unknown[0]}.", Field("memberIds"));
            return;
        }

        if (await Blocks.With(context.Items.Table, command.By.Id, others, context.CancellationToken) is { } blocked)
        {
            await context.Refuse(RefusalKind.Forbidden, "conversation.blocked", $"You and person {blocked} do not write to each other: one of you has blocked the other.", Field("memberIds"));
            return;
        }

        if (await Membership.Full(context.Items.Table, command.By.Id, context.CancellationToken))
        {
            await context.Refuse(RefusalKind.Conflict, "conversation.too_many", $"Nobody can be in more than {Membership.MaxPerPerson} conversations: leave one first.");
            return;
        }

        await (command.Kind switch
        {
            ConversationKind.Direct => OpenDirect(command.By.Id, others[0], context),
            ConversationKind.Group => OpenGroup(command, others, context),
            _ => context.Refuse(RefusalKind.Invalid, "conversation.kind", "Conversations of courses and lessons are made by the platform.", Field("kind")),
        });
    }

    /// <summary>The conversation's id follows from the pair, so that two who open it at once meet in it.</summary>
    static async Task OpenDirect(Guid by, Guid other, IMessageHandlerContext context)
    {
        if (await Membership.Full(context.Items.Table, other, context.CancellationToken))
        {
            await context.Refuse(RefusalKind.Conflict, "conversation.too_many", $"This person is in {Membership.MaxPerPerson} conversations and cannot be in more.");
            return;
        }

        var id = Keys.Direct(by, other);
        Conversation.Create(context.Items, new Conversation(id, ConversationKind.Direct, null, null, context.Now, 2, 1));
        Membership.Add(context.Items, new Membership(id, by, ConversationKind.Direct, Moderator: false, context.Now, other));
        Membership.Add(context.Items, new Membership(id, other, ConversationKind.Direct, Moderator: false, context.Now, by));
        await context.Publish(new ConversationCreated(id, ConversationKind.Direct, null, by, context.Now));
        await context.Publish(new MemberJoined(id, by, context.Now));
        await context.Publish(new MemberJoined(id, other, context.Now));
        await context.Reply(new Done(id));
    }

    static async Task OpenGroup(OpenConversation command, Guid[] others, IMessageHandlerContext context)
    {
        var (id, by) = (command.ConversationId, command.By.Id);
        if (string.IsNullOrWhiteSpace(command.Title) || command.Title.Length > 120)
        {
            await context.Refuse(RefusalKind.Invalid, "conversation.title", "A group has a title of 1 to 120 characters.", Field("title"));
            return;
        }

        if (await Conversation.Find(context.Items.Table, id, context.CancellationToken) is not null)
        {
            await context.Refuse(RefusalKind.Conflict, "conversation.exists", "There is a conversation with this id.");
            return;
        }

        // The creator is a member from the first moment; the others follow, a few a message.
        Conversation.Create(context.Items, new Conversation(id, ConversationKind.Group, command.Title.Trim(), null, context.Now, 1, 1));
        Membership.Add(context.Items, new Membership(id, by, ConversationKind.Group, Moderator: true, context.Now));
        await context.Publish(new ConversationCreated(id, ConversationKind.Group, null, by, context.Now));
        await context.Publish(new MemberJoined(id, by, context.Now));
        await context.SendLocal(new AddMembers(command.By, id, others));
        await context.Reply(new Done(id));
    }

    static Dictionary<string, string> Field(string name) => new(StringComparer.Ordinal) { [name] = "See the message." };
}
