using Dapper;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>Statements on the catalogue that several handlers run. What is published is listed in the same transaction.</summary>
static class CatalogueSql
{
    /// <summary>Puts the published version of a course into the catalogue, in place of the version before.</summary>
    public static Task List(IMessageHandlerContext context, Guid courseId)
        => context.Db.ExecuteAsync(
            """
            INSERT INTO learning.catalogue (
                course_id, slug, tutor_id, title, summary, language, level, subjects, price_minor, currency, lessons, minutes, published_at, search)
            SELECT course.course_id, course.slug, course.tutor_id, shown.title, shown.summary, shown.language, shown.level, shown.subjects,
                   coalesce((version.details -> 'price' ->> 'minorUnits')::bigint, 0), version.details -> 'price' ->> 'currency',
                   counted.lessons, counted.minutes, version.published_at,
                   learning.catalogue_text(shown.language, shown.title, shown.subjects, shown.summary)
            FROM learning.course
            JOIN learning.course_version AS version ON version.course_id = course.course_id AND version.version = course.published_version
            CROSS JOIN LATERAL (
                SELECT version.details ->> 'title' AS title, version.details ->> 'summary' AS summary, version.details ->> 'language' AS language,
                       version.details ->> 'level' AS level, ARRAY(SELECT jsonb_array_elements_text(version.details -> 'subjects')) AS subjects
            ) AS shown
            CROSS JOIN LATERAL (
                SELECT count(*) AS lessons, coalesce(sum((lesson ->> 'minutes')::int), 0) AS minutes
                FROM jsonb_path_query(version.outline, '$[*].lessons[*]') AS lesson
            ) AS counted
            WHERE course.course_id = @CourseId
            ON CONFLICT (course_id) DO UPDATE
            SET slug = excluded.slug, title = excluded.title, summary = excluded.summary, language = excluded.language, level = excluded.level,
                subjects = excluded.subjects, price_minor = excluded.price_minor, currency = excluded.currency, lessons = excluded.lessons,
                minutes = excluded.minutes, published_at = excluded.published_at, search = excluded.search;

            INSERT INTO learning.course_learners (course_id)
            VALUES (@CourseId)
            ON CONFLICT DO NOTHING;

            INSERT INTO learning.catalogue_configuration (name)
            SELECT learning.search_configuration(language)
            FROM learning.catalogue
            WHERE course_id = @CourseId
            ON CONFLICT DO NOTHING;

            SELECT learning.learn_words(language, title || ' ' || array_to_string(subjects, ' ') || ' ' || summary)
            FROM learning.catalogue
            WHERE course_id = @CourseId;
            """,
            new { CourseId = courseId });

    /// <summary>Takes a course out of the catalogue. Its words stay in the vocabulary: corrections are tried before they are shown.</summary>
    public static Task Unlist(IMessageHandlerContext context, Guid courseId)
        => context.Db.ExecuteAsync(
            """
            DELETE FROM learning.catalogue
            WHERE course_id = @CourseId
            """,
            new { CourseId = courseId });

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
