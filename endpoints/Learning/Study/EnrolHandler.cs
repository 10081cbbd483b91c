using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class EnrolHandler : IHandleMessages<Enrol>
{
    public async Task Handle(Enrol command, IMessageHandlerContext context)
    {
        // Two statements in one round trip: the second sees what a concurrent enrolment, for which the first has waited, left behind.
        await using var results = await context.Db.QueryMultipleAsync(
            """
            WITH course AS (
                SELECT c.course_id,
                       c.status,
                       v.version,
                       COALESCE((v.details -> 'price' ->> 'minorUnits')::bigint, 0) = 0 AS free,
                       (SELECT count(*)::int FROM learning.version_lesson l WHERE l.course_id = c.course_id AND l.version = v.version) AS lessons
                FROM learning.course c
                LEFT JOIN learning.course_version v ON v.course_id = c.course_id AND v.version = c.published_version
                WHERE c.course_id = @CourseId
            ), enrolled AS (
                INSERT INTO learning.enrolment_record AS e (enrolment_id, course_id, student_id, version, source, lessons, enrolled_at)
                SELECT @EnrolmentId, course_id, @StudentId, version, 'free', lessons, @Now
                FROM course
                WHERE status = 'published' AND free
                ON CONFLICT ON CONSTRAINT student_is_enrolled_once DO UPDATE
                SET source = 'free',
                    payment_id = NULL,
                    revoked_at = NULL
                WHERE e.revoked_at IS NOT NULL
                RETURNING enrolment_id
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT enrolment_id, @StudentId, 'Enrol', @MessageId, @Now
                FROM enrolled
            )
            SELECT status, free, COALESCE(version, 0) AS version, EXISTS (SELECT 1 FROM enrolled) AS enrolled
            FROM course;

            SELECT enrolment_id
            FROM learning.enrolment
            WHERE course_id = @CourseId AND student_id = @StudentId;
            """,
            new { command.EnrolmentId, command.CourseId, StudentId = command.By.Id, context.Now, context.MessageId });
        var course = await results.ReadSingleOrDefaultAsync<Course>();
        var enrolment = await results.ReadSingleOrDefaultAsync<Guid?>();

        if (enrolment is { } id)
        {
            if (course!.Enrolled)
                await Welcome(id, course.Version, command, context);
            await context.Reply(new Done(id));
        }
        else if (course is null or { Status: "draft" })
        {
            await context.Refuse(RefusalKind.NotFound, "course.not_found", "There is no such course.");
        }
        else if (course.Status is "archived")
        {
            await context.Refuse(RefusalKind.Conflict, "course.archived", "The course is archived and takes no new learners.");
        }
        else
        {
            await context.Refuse(RefusalKind.Conflict, "course.payment_required", "The course is not free: it has to be paid for before enrolling.");
        }
    }

    static async Task Welcome(Guid enrolmentId, int version, Enrol command, IMessageHandlerContext context)
    {
        await context.Publish(new StudentEnrolled(enrolmentId, command.CourseId, command.By.Id, version, context.Now));
        await CatalogueSql.CountLearner(context, command.CourseId);
    }

    sealed record Course(string Status, bool Free, int Version, bool Enrolled);
}
