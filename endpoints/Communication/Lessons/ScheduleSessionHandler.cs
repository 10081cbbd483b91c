using Amazon.DynamoDBv2.Model;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Local: puts a planned lesson on its participants' lists.</summary>
sealed record EnlistParticipants(Guid SessionId, DateTimeOffset LastEnd, IReadOnlyList<Guid> AccountIds);

/// <summary>Local: some of a planned lesson's students become members of its conversation.</summary>
sealed record AdmitStudents(Guid SessionId, IReadOnlyList<Guid> AccountIds);

sealed class ScheduleSessionHandler(KnownPeople people, LessonTimes times) : IHandleMessages<ScheduleSession>
{
    const int MaxStudents = 50;
    const int MaxTitle = 200;
    static readonly TimeSpan Ahead = TimeSpan.FromDays(366);

    public async Task Handle(ScheduleSession command, IMessageHandlerContext context)
    {
        if (await Refusal(command, context))
            return;

        Guid[] all = [command.By.Id, .. command.StudentIds];
        var startsAt = command.StartsAt.ToUniversalTime();
        var session = new Session(command.SessionId, command.Title.Trim(), command.CourseId, startsAt, command.Minutes, [.. all.Select((id, i) => new Participant(id, (uint)i + 1))])
        {
            NoShowAt = startsAt + times.NoShow,
            LastEnd = startsAt.AddMinutes(command.Minutes) + times.Overtime,
        };
        var version = await context.Save(session);
        Conversation.Create(context.Items, new Conversation(session.Id, ConversationKind.Lesson, session.Title, session.Id, context.Now, 1, 1));
        Membership.Add(context.Items, new Membership(session.Id, session.TutorId, ConversationKind.Lesson, Moderator: true, context.Now));
        await context.Publish(new ConversationCreated(session.Id, ConversationKind.Lesson, session.Id, session.TutorId, context.Now));
        await context.Publish(new MemberJoined(session.Id, session.TutorId, context.Now));
        await context.SendLocal(new EnlistParticipants(session.Id, session.LastEnd, all));
        foreach (var some in command.StudentIds.Chunk(Membership.PerMessage - 1))
            await context.SendLocal(new AdmitStudents(session.Id, some));
        await context.SendLocal(new WatchSession(session.Id, session.NoShowAt, session.LastEnd));
        await context.Publish(new SessionScheduled(session.Id, session.TutorId, command.StudentIds, session.CourseId, session.StartsAt, session.Minutes, context.Now));
        await context.Reply(new Done(session.Id, version));
    }

    async Task<bool> Refusal(ScheduleSession command, IMessageHandlerContext context)
    {
        if (!command.By.May("courses.author"))
            await context.Refuse(RefusalKind.Forbidden, "session.not_permitted", "Only tutors plan live lessons.");
        else if (string.IsNullOrWhiteSpace(command.Title) || command.Title.Trim().Length > MaxTitle)
            await context.Refuse(RefusalKind.Invalid, "session.title", $"A lesson has a title of 1 to {MaxTitle} characters.", At("title"));
        else if (command.Minutes is < 5 or > 480)
            await context.Refuse(RefusalKind.Invalid, "session.minutes", "A lesson is planned for 5 to 480 minutes.", At("minutes"));
        else if (command.StartsAt < context.Now.AddMinutes(-1) || command.StartsAt > context.Now + Ahead)
            await context.Refuse(RefusalKind.Invalid, "session.starts_at", "A lesson starts now or within the next 366 days.", At("startsAt"));
        else if (command.StudentIds.Count is 0 or > MaxStudents || command.StudentIds.Distinct().Count() != command.StudentIds.Count || command.StudentIds.Contains(command.By.Id))
            await context.Refuse(RefusalKind.Invalid, "session.students", $"A lesson has 1 to {MaxStudents} students, each named once and none of them the tutor.", At("studentIds"));
        else if (await people.Unknown(command.StudentIds, context.CancellationToken) is { Count: > 0 } unknown)
            await context.Refuse(RefusalKind.Invalid, "person.not_found", $"There is no person {unknown[0]}.", At("studentIds"));
        else if (await context.Items.Table.FindSession(command.SessionId, context.CancellationToken) is not null
            || await Conversation.Find(context.Items.Table, command.SessionId, context.CancellationToken) is not null)
            await context.Refuse(RefusalKind.Conflict, "session.exists", "There is a live lesson or a conversation with this id.");
        else
            return false;
        return true;
    }

    static Dictionary<string, string> At(string field) => new(StringComparer.Ordinal) { [field] = "See the message." };
}

sealed class EnlistParticipantsHandler : IHandleMessages<EnlistParticipants>
{
    /// <summary>More items than a transaction holds; each is the same when it is written again.</summary>
    public Task Handle(EnlistParticipants message, IMessageHandlerContext context)
        => context.Items.Table.Write(
            [.. message.AccountIds.Select(account => new WriteRequest(new PutRequest(
                DynamoValues.Item(Keys.Account(account), SessionKeys.Entry(message.LastEnd, message.SessionId)).With("session_id", message.SessionId).With("last_end", message.LastEnd))))],
            context.CancellationToken);
}

sealed class AdmitStudentsHandler : IHandleMessages<AdmitStudents>
{
    public async Task Handle(AdmitStudents message, IMessageHandlerContext context)
    {
        var members = (await Membership.Find(context.Items.Table, message.SessionId, message.AccountIds, context.CancellationToken)).Select(m => m.AccountId).ToHashSet();
        var missing = message.AccountIds.Where(a => !members.Contains(a)).ToArray();
        foreach (var account in missing)
        {
            Membership.Add(context.Items, new Membership(message.SessionId, account, ConversationKind.Lesson, Moderator: false, context.Now));
            await context.Publish(new MemberJoined(message.SessionId, account, context.Now));
        }

        if (missing.Length > 0)
            Conversation.CountMembers(context.Items, message.SessionId, missing.Length);
    }
}
