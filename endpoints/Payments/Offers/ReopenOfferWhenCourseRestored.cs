using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Payments;

sealed class ReopenOfferWhenCourseRestored : IHandleMessages<CourseRestored>
{
    public Task Handle(CourseRestored e, IMessageHandlerContext context)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO payments.course_offer AS o (course_id, tutor_id, title, price_minor, version, changed_at)
            VALUES (@CourseId, @TutorId, '', 0, 0, @RestoredAt)
            ON CONFLICT (course_id) DO UPDATE
            SET archived_at = NULL,
                changed_at = EXCLUDED.changed_at
            WHERE o.changed_at <= EXCLUDED.changed_at
            """,
            new { e.CourseId, e.TutorId, e.RestoredAt });
}
