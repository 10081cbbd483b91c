using EdTech.Contracts.Communication;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// The conversation of a course follows from what happens in learning. Events come in any order: whichever is first makes the conversation, an ended
/// enrolment is remembered in case its beginning comes after it, and of two enrolments of one student the later counts (their ids are ordered by time).
/// </summary>
static class CourseConversation
{
    static readonly TimeSpan Remembered = TimeSpan.FromDays(30); // far beyond what a message can wait in a queue

    public static async Task Published(CoursePublished e, IMessageHandlerContext context)
    {
        var (table, id) = (context.Items.Table, Keys.Course(e.CourseId));
        var conversation = await Conversation.Find(table, id, context.CancellationToken);
        var tutor = await Membership.Find(table, id, e.TutorId, context.CancellationToken);
        if (conversation is null)
        {
            await Create(id, e.CourseId, e.Title, 1, context);
        }
        else if (conversation.Title != e.Title)
        {
            context.Items.Update(
                Keys.Conversation(id),
                Keys.Meta,
                "SET title = :title ADD version :one, members :joined",
                "attribute_exists(pk)",
                new() { [":title"] = DynamoValues.Of(e.Title), [":one"] = DynamoValues.Of(1), [":joined"] = DynamoValues.Of(tutor is null ? 1 : 0) });
        }
        else if (tutor is null)
        {
            Conversation.CountMembers(context.Items, id, 1);
        }

        if (tutor is null)
        {
            Membership.Add(context.Items, new Membership(id, e.TutorId, ConversationKind.Course, Moderator: true, context.Now));
            await context.Publish(new MemberJoined(id, e.TutorId, context.Now));
        }
    }

    public static async Task Enrolled(Guid courseId, Guid studentId, Guid enrolmentId, IMessageHandlerContext context)
    {
        var (table, id) = (context.Items.Table, Keys.Course(courseId));
        if (await table.Get(Keys.Conversation(id), Ended(enrolmentId), context.CancellationToken) is not null)
        {
            return;
        }

        var member = await Membership.Find(table, id, studentId, context.CancellationToken);
        if (member is not null)
        {
            if (member.EnrolmentId is { } known && known.CompareTo(enrolmentId) < 0)
            {
                context.Items.Update(
                    Keys.Conversation(id),
                    Keys.Member(studentId),
                    "SET enrolment_id = :now",
                    "enrolment_id = :before",
                    new() { [":now"] = DynamoValues.Of(enrolmentId), [":before"] = DynamoValues.Of(known) });
            }

            return;
        }

        if (await Conversation.Find(table, id, context.CancellationToken) is null)
        {
            await Create(id, courseId, "Course", 1, context); // its name comes with its publication
        }
        else
        {
            Conversation.CountMembers(context.Items, id, 1);
        }

        Membership.Add(context.Items, new Membership(id, studentId, ConversationKind.Course, Moderator: false, context.Now, EnrolmentId: enrolmentId));
        await context.Publish(new MemberJoined(id, studentId, context.Now));
    }

    public static async Task Revoked(EnrolmentRevoked e, IMessageHandlerContext context)
    {
        var id = Keys.Course(e.CourseId);
        context.Items.Put(DynamoValues.Item(Keys.Conversation(id), Ended(e.EnrolmentId)).With("expires_at", (context.Now + Remembered).ToUnixTimeSeconds()));
        var member = await Membership.Find(context.Items.Table, id, e.StudentId, context.CancellationToken);
        if (member?.EnrolmentId == e.EnrolmentId)
        {
            Membership.Remove(context.Items, id, e.StudentId);
            Conversation.CountMembers(context.Items, id, -1);
            await context.Publish(new MemberLeft(id, e.StudentId, context.Now));
        }
    }

    static Task Create(Guid id, Guid courseId, string title, int members, IMessageHandlerContext context)
    {
        Conversation.Create(context.Items, new Conversation(id, ConversationKind.Course, title, courseId, context.Now, members, 1));
        return context.Publish(new ConversationCreated(id, ConversationKind.Course, courseId, null, context.Now));
    }

    static string Ended(Guid enrolment) => $"X#{enrolment}";
}

sealed class OpenConversationWhenCoursePublished : IHandleMessages<CoursePublished>
{
    public Task Handle(CoursePublished e, IMessageHandlerContext context) => CourseConversation.Published(e, context);
}

sealed class JoinConversationWhenEnrolled : IHandleMessages<StudentEnrolled>
{
    public Task Handle(StudentEnrolled e, IMessageHandlerContext context) => CourseConversation.Enrolled(e.CourseId, e.StudentId, e.EnrolmentId, context);
}

sealed class JoinConversationWhenPaidStudentEnrolled : IHandleMessages<PaidStudentEnrolled>
{
    public Task Handle(PaidStudentEnrolled e, IMessageHandlerContext context) => CourseConversation.Enrolled(e.CourseId, e.StudentId, e.EnrolmentId, context);
}

sealed class LeaveConversationWhenEnrolmentRevoked : IHandleMessages<EnrolmentRevoked>
{
    public Task Handle(EnrolmentRevoked e, IMessageHandlerContext context) => CourseConversation.Revoked(e, context);
}
