using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class RemoveLessonHandler : IHandleMessages<RemoveLesson>
{
    public async Task Handle(RemoveLesson message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await draft.FindLesson(context, message.LessonId) is not var (section, place))
            return;

        draft.SetLessons(section, [.. draft.Outline[section].Lessons.Where((_, l) => l != place)]);
        await draft.Save(context, message, message.By, message.LessonId);
    }
}
