using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class SwitchVersionHandler(IssuerKeys keys) : IHandleMessages<SwitchVersion>
{
    public async Task Handle(SwitchVersion command, IMessageHandlerContext context)
    {
        // Completed lessons that the new version lacks count on both sides of the fraction, so that dropping a lesson never costs progress.
        await using var results = await context.Db.QueryMultipleAsync(
            """
            SELECT enrolment_id
            FROM learning.enrolment_record
            WHERE course_id = @CourseId AND student_id = @StudentId
            FOR UPDATE;

            WITH mine AS (
                SELECT e.enrolment_id, e.version AS from_version, c.published_version AS to_version, e.completed_at IS NOT NULL AS was_completed
                FROM learning.enrolment e
                JOIN learning.course c ON c.course_id = e.course_id
                WHERE e.course_id = @CourseId AND e.student_id = @StudentId
            ), counts AS (
                SELECT count(*)::int AS lessons, count(p.lesson_id)::int AS completed
                FROM (
                    SELECT l.lesson_id
                    FROM mine
                    JOIN learning.version_lesson l ON l.course_id = @CourseId AND l.version = mine.to_version
                ) AS version
                FULL JOIN (
                    SELECT p.lesson_id
                    FROM mine
                    JOIN learning.lesson_progress p ON p.enrolment_id = mine.enrolment_id AND p.completed_at IS NOT NULL
                ) AS p ON p.lesson_id = version.lesson_id
            ), switched AS (
                UPDATE learning.enrolment e
                SET version = mine.to_version,
                    lessons = counts.lessons,
                    lessons_completed = counts.completed,
                    completed_at = CASE WHEN counts.completed = counts.lessons THEN COALESCE(e.completed_at, @Now) ELSE e.completed_at END
                FROM mine, counts
                WHERE e.enrolment_id = mine.enrolment_id AND mine.from_version <> mine.to_version
                RETURNING e.enrolment_id, e.completed_at IS NOT NULL AS is_completed
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT enrolment_id, @StudentId, 'SwitchVersion', @MessageId, @Now
                FROM switched
            )
            SELECT mine.enrolment_id AS EnrolmentId,
                   mine.from_version AS FromVersion,
                   mine.to_version AS ToVersion,
                   switched.enrolment_id IS NOT NULL AS Switched,
                   COALESCE(switched.is_completed, false) AND NOT mine.was_completed AS CourseJustNow
            FROM mine
            LEFT JOIN switched ON true;
            """,
            new { command.CourseId, StudentId = command.By.Id, context.Now, context.MessageId });
        await results.ReadAsync<Guid>();
        var step = await results.ReadSingleOrDefaultAsync<Step>();

        if (step is null)
        {
            await context.Refuse(RefusalKind.NotFound, "enrolment.not_found", "You are not enrolled in this course.");
            return;
        }

        if (step.Switched)
            await context.Publish(new VersionSwitched(step.EnrolmentId, command.CourseId, command.By.Id, step.FromVersion, step.ToVersion, context.Now));
        if (step.CourseJustNow)
            await CourseCompletion.Celebrate(context, keys, step.EnrolmentId);
        await context.Reply(new Done(step.EnrolmentId, step.ToVersion));
    }

    sealed record Step(Guid EnrolmentId, int FromVersion, int ToVersion, bool Switched, bool CourseJustNow);
}
