using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>An archived course is not sold. Of archiving and restoring the later one counts, whichever is heard first; version 0 waits for the publication.</summary>
sealed class CloseOfferWhenCourseArchived : IHandleMessages<CourseArchived>
{
    public Task Handle(CourseArchived e, IMessageHandlerContext context)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO payments.course_offer AS o (course_id, tutor_id, title, price_minor, version, archived_at, changed_at)
            VALUES (@CourseId, @TutorId, '', 0, 0, @ArchivedAt, @ArchivedAt)
            ON CONFLICT (course_id) DO UPDATE
            SET archived_at = EXCLUDED.archived_at,
                changed_at = EXCLUDED.changed_at
            WHERE o.changed_at <= EXCLUDED.changed_at
            """,
            new { e.CourseId, e.TutorId, e.ArchivedAt });
}
