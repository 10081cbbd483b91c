using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class SavePositionHandler : IHandleMessages<SavePosition>
{
    public async Task Handle(SavePosition command, IMessageHandlerContext context)
    {
        // The enrolment is locked like everywhere else, so that no two messages take their rows in different orders.
        await using var results = await context.Db.QueryMultipleAsync(
            """
            SELECT enrolment_id
            FROM learning.enrolment_record
            WHERE course_id = @CourseId AND student_id = @StudentId
            FOR UPDATE;

            INSERT INTO learning.lesson_progress AS p (enrolment_id, lesson_id, position_seconds, visited_at)
            SELECT e.enrolment_id, @LessonId, @PositionSeconds, @Now
            FROM learning.enrolment e
            JOIN learning.version_lesson l ON l.course_id = e.course_id AND l.version = e.version
            WHERE e.course_id = @CourseId AND e.student_id = @StudentId AND l.lesson_id = @LessonId
            ON CONFLICT (enrolment_id, lesson_id) DO UPDATE
            SET position_seconds = EXCLUDED.position_seconds,
                visited_at = EXCLUDED.visited_at
            RETURNING enrolment_id;
            """,
            new { command.CourseId, StudentId = command.By.Id, command.LessonId, command.PositionSeconds, context.Now });
        await results.ReadAsync<Guid>();
        var saved = await results.ReadSingleOrDefaultAsync<Guid?>();

        if (saved is not null)
            await context.Reply(new Done(command.LessonId));
        else
            await context.Refuse(RefusalKind.NotFound, "lesson.not_found", "You are not enrolled in a course with this lesson.");
    }
}
