using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>What a course costs is copied when it is published, so that a quote needs nobody else. Events come in any order: the higher version counts.</summary>
sealed class CopyOfferWhenCoursePublished : IHandleMessages<CoursePublished>
{
    public Task Handle(CoursePublished e, IMessageHandlerContext context)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO payments.course_offer AS o (course_id, tutor_id, title, price_minor, currency, version, changed_at)
            VALUES (@CourseId, @TutorId, @Title, @price, @currency, @Version, @PublishedAt)
            ON CONFLICT (course_id) DO UPDATE
            SET tutor_id = EXCLUDED.tutor_id,
                title = EXCLUDED.title,
                price_minor = EXCLUDED.price_minor,
                currency = EXCLUDED.currency,
                version = EXCLUDED.version
            WHERE o.version < EXCLUDED.version
            """,
            new { e.CourseId, e.TutorId, e.Title, price = e.Price?.MinorUnits ?? 0, currency = e.Price?.Currency, e.Version, e.PublishedAt });
}
