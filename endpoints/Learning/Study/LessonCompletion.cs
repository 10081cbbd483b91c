using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>The step that every lesson takes once, by whatever it is completed: counted on the enrolment, and the last one completes the course.</summary>
static class LessonCompletion
{
    /// <returns>The lesson's state afterwards; null when the learner's version of the course has no such lesson.</returns>
    public static async Task<LessonState?> Complete(
        IMessageHandlerContext context, IssuerKeys keys, Guid courseId, Guid studentId, Guid lessonId, bool quizPassed, string what)
    {
        // The lock comes first and by itself: a statement sees nothing that was committed while it waited, the next one does. It is on the table:
        // the view hides an enrolment that somebody is giving back at this moment.
        await using var results = await context.Db.QueryMultipleAsync(
            """
            SELECT enrolment_id
            FROM learning.enrolment_record
            WHERE course_id = @courseId AND student_id = @studentId
            FOR UPDATE;

            WITH lesson AS (
                SELECT e.enrolment_id, e.completed_at IS NOT NULL AS course_was_completed, l.kind
                FROM learning.enrolment e
                JOIN learning.version_lesson l ON l.course_id = e.course_id AND l.version = e.version
                WHERE e.course_id = @courseId AND e.student_id = @studentId AND l.lesson_id = @lessonId
            ), completed AS (
                INSERT INTO learning.lesson_progress AS p (enrolment_id, lesson_id, visited_at, completed_at)
                SELECT enrolment_id, @lessonId, @Now, @Now
                FROM lesson
                WHERE kind <> 'quiz' OR @quizPassed
                ON CONFLICT (enrolment_id, lesson_id) DO UPDATE
                SET completed_at = EXCLUDED.completed_at,
                    visited_at = EXCLUDED.visited_at
                WHERE p.completed_at IS NULL
                RETURNING enrolment_id
            ), counted AS (
                UPDATE learning.enrolment e
                SET lessons_completed = e.lessons_completed + 1,
                    completed_at = CASE WHEN e.lessons_completed + 1 = e.lessons THEN COALESCE(e.completed_at, @Now) ELSE e.completed_at END
                FROM completed
                WHERE e.enrolment_id = completed.enrolment_id
                RETURNING e.lessons_completed = e.lessons AS all_completed
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT enrolment_id, @studentId, @what, @MessageId, @Now
                FROM completed
            )
            SELECT lesson.enrolment_id AS EnrolmentId,
                   lesson.kind AS Kind,
                   counted.all_completed IS NOT NULL AS JustNow,
                   COALESCE(counted.all_completed, false) AND NOT lesson.course_was_completed AS CourseJustNow,
                   EXISTS (
                       SELECT 1
                       FROM learning.lesson_progress p
                       WHERE p.enrolment_id = lesson.enrolment_id AND p.lesson_id = @lessonId AND p.completed_at IS NOT NULL
                   ) AS Before
            FROM lesson
            LEFT JOIN counted ON true;
            """,
            new { courseId, studentId, lessonId, quizPassed, what, context.Now, context.MessageId });
        await results.ReadAsync<Guid>();
        var step = await results.ReadSingleOrDefaultAsync<Step>();
        if (step is null)
            return null;

        if (step.JustNow)
            await context.Publish(new LessonCompleted(step.EnrolmentId, courseId, studentId, lessonId, step.Kind, context.Now));
        if (step.CourseJustNow)
            await CourseCompletion.Celebrate(context, keys, step.EnrolmentId);
        return new LessonState(step.Kind, step.JustNow || step.Before);
    }

    sealed record Step(Guid EnrolmentId, LessonKind Kind, bool JustNow, bool CourseJustNow, bool Before);
}

/// <summary>What a lesson is and whether the learner has completed it.</summary>
sealed record LessonState(LessonKind Kind, bool Completed);
