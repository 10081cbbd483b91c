using Dapper;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>Statements on the catalogue that handlers of other capabilities run too.</summary>
static class CatalogueSql
{
    /// <summary>One more learner of this course. Locks the course's counter until the commit, so it comes last in a handler.</summary>
    public static Task CountLearner(IMessageHandlerContext context, Guid courseId)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_learners (course_id, learners)
            VALUES (@CourseId, 1)
            ON CONFLICT (course_id) DO UPDATE
            SET learners = course_learners.learners + 1
            """,
            new { CourseId = courseId });
}
