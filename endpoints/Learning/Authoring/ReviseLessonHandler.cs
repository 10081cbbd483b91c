using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class ReviseLessonHandler : IHandleMessages<ReviseLesson>
{
    public async Task Handle(ReviseLesson message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await draft.FindLesson(context, message.LessonId) is not var (section, place))
            return;
        if (await CourseText.Accept(context, message.Lesson) is not { } lesson)
            return;
        if (lesson.Kind != draft.Outline[section].Lessons[place].Kind)
        {
            // Progress and attempts of learners hang on what the lesson is.
            await context.Refuse(RefusalKind.Invalid, "lesson.kind_is_fixed", "A lesson cannot become one of another kind. Remove it and add a new one.");
            return;
        }

        var lessons = draft.Outline[section].Lessons.ToList();
        lessons[place] = await LessonRevision.Write(context, message.CourseId, message.LessonId, lesson);
        draft.SetLessons(section, lessons);
        await draft.Save(context, message, message.By, message.LessonId);
    }
}
