using EdTech.Contracts.Communication;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// The conversation of a course follows from what happens in learning. Events come in any order and more than once: whichever is first makes the
/// conversation, of a student's enrolments and revocations the one that happened last counts, and of a course's titles that of its highest version.
/// </summary>
static class CourseConversation
{
    public static async Task Published(CoursePublished e, IMessageHandlerContext context)
    {
        var (table, id) = (context.Items.Table, Keys.Course(e.CourseId));
        var conversation = await Conversation.Find(table, id, context.CancellationToken);
        var tutor = await Membership.Find(table, id, e.TutorId, context.CancellationToken);
        if (conversation is null)
        {
            await Create(id, e.CourseId, e.Title, e.Version, context);
        }
        else if (conversation.CourseVersion < e.Version)
        {
            context.Items.Update(
                Keys.Conversation(id),
                Keys.Meta,
                "SET title = :title, course_version = :course ADD version :one, members :joined",
                "attribute_not_exists(course_version) OR course_version < :course",
                new() { [":title"] = DynamoValues.Of(e.Title), [":course"] = DynamoValues.Of(e.Version), [":one"] = DynamoValues.Of(1), [":joined"] = DynamoValues.Of(tutor is null ? 1 : 0) });
        }
        else if (tutor is null)
        {
            Conversation.CountMembers(context.Items, id, 1);
        }

        if (tutor is null)
        {
            Membership.Add(context.Items, await new Membership(id, e.TutorId, ConversationKind.Course, Moderator: true, context.Now).FromHere(table, context.CancellationToken));
            await context.Publish(new MemberJoined(id, e.TutorId, context.Now));
        }
        else if (!tutor.Moderator)
        {
            Membership.Promote(context.Items, id, e.TutorId); // enrolled in the own course before this came
        }
    }

    public static async Task Enrolled(Guid courseId, Guid studentId, DateTimeOffset at, IMessageHandlerContext context)
    {
        var (table, id) = (context.Items.Table, Keys.Course(courseId));
        if (!await Learn(id, studentId, enrolled: true, at, context) || await Membership.Find(table, id, studentId, context.CancellationToken) is not null)
        {
            return;
        }

        if (await Conversation.Find(table, id, context.CancellationToken) is null)
        {
            await Create(id, courseId, "Course", 0, context); // its name comes with its publication
        }
        else
        {
            Conversation.CountMembers(context.Items, id, 1);
        }

        Membership.Add(context.Items, await new Membership(id, studentId, ConversationKind.Course, Moderator: false, context.Now).FromHere(table, context.CancellationToken));
        await context.Publish(new MemberJoined(id, studentId, context.Now));
    }

    public static async Task Revoked(EnrolmentRevoked e, IMessageHandlerContext context)
    {
        var id = Keys.Course(e.CourseId);
        if (!await Learn(id, e.StudentId, enrolled: false, e.At, context))
        {
            return;
        }

        if (await Membership.Find(context.Items.Table, id, e.StudentId, context.CancellationToken) is { Moderator: false })
        {
            Membership.Remove(context.Items, id, e.StudentId, context.Now);
            Conversation.CountMembers(context.Items, id, -1);
            await context.Publish(new MemberLeft(id, e.StudentId, context.Now));
        }
    }

    /// <summary>
    /// Keeps what is known of a student's enrolment; false when something later is known already. An enrolment has one id for good, ended and renewed
    /// by payments, so only time tells. Every change of a student's membership writes this item: two of them at once do not both decide on the old one.
    /// </summary>
    static async Task<bool> Learn(Guid id, Guid studentId, bool enrolled, DateTimeOffset at, IMessageHandlerContext context)
    {
        var (pk, sk) = (Keys.Conversation(id), Keys.Enrolment(studentId));
        var known = await context.Items.Table.Get(pk, sk, context.CancellationToken);
        var ticks = at.UtcTicks; // finer than the milliseconds in which instants are kept
        if (known?.Number("at_ticks") >= ticks)
        {
            return false;
        }

        context.Items.Put(
            DynamoValues.Item(pk, sk).With("enrolled", enrolled).With("at_ticks", ticks),
            known is null ? "attribute_not_exists(pk)" : "at_ticks = :seen",
            known is null ? null : new() { [":seen"] = known["at_ticks"] });
        return true;
    }

    static Task Create(Guid id, Guid courseId, string title, int version, IMessageHandlerContext context)
    {
        Conversation.Create(context.Items, new Conversation(id, ConversationKind.Course, title, courseId, context.Now, 1, 1, version));
        return context.Publish(new ConversationCreated(id, ConversationKind.Course, courseId, null, context.Now));
    }
}

sealed class OpenConversationWhenCoursePublished : IHandleMessages<CoursePublished>
{
    public Task Handle(CoursePublished e, IMessageHandlerContext context) => CourseConversation.Published(e, context);
}

sealed class JoinConversationWhenEnrolled : IHandleMessages<StudentEnrolled>
{
    public Task Handle(StudentEnrolled e, IMessageHandlerContext context) => CourseConversation.Enrolled(e.CourseId, e.StudentId, e.At, context);
}

sealed class JoinConversationWhenPaidStudentEnrolled : IHandleMessages<PaidStudentEnrolled>
{
    public Task Handle(PaidStudentEnrolled e, IMessageHandlerContext context) => CourseConversation.Enrolled(e.CourseId, e.StudentId, e.At, context);
}

sealed class LeaveConversationWhenEnrolmentRevoked : IHandleMessages<EnrolmentRevoked>
{
    public Task Handle(EnrolmentRevoked e, IMessageHandlerContext context) => CourseConversation.Revoked(e, context);
}
