using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class ReviseCourseDetailsHandler : IHandleMessages<ReviseCourseDetails>
{
    public async Task Handle(ReviseCourseDetails message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await CourseText.Accept(context, message.Details) is not { } details)
            return;

        // Links to a published course go on working, whatever it is called later.
        if (!draft.WasPublished && !string.Equals(CourseSlug.From(details.Title), CourseSlug.From(draft.Details.Title), StringComparison.Ordinal))
            await TakeSlug(context, message.CourseId, details.Title);

        if (!draft.WasPublished)
            await CoursePrerequisites.Keep(context, message.CourseId, details.Prerequisites);
        if (!await CoursePrerequisites.Add(context, message.By, message.CourseId, details.Prerequisites))
            return;

        draft.Details = details;
        await draft.Save(context, message, message.By);
    }

    static async Task TakeSlug(IMessageHandlerContext context, Guid courseId, string title)
    {
        foreach (var slug in CourseSlug.Candidates(title, courseId))
        {
            // An UPDATE has no ON CONFLICT, so a slug that is taken at the same moment fails the message; its retry takes the next.
            var taken = await context.Db.ExecuteAsync(
                """
                UPDATE learning.course
                SET slug = @Slug
                WHERE course_id = @CourseId
                  AND NOT EXISTS (SELECT 1 FROM learning.course WHERE slug = @Slug AND course_id <> @CourseId)
                """,
                new { CourseId = courseId, Slug = slug });
            if (taken == 1)
                return;
        }
    }
}
