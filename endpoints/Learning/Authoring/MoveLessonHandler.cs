using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class MoveLessonHandler : IHandleMessages<MoveLesson>
{
    public async Task Handle(MoveLesson message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await draft.FindLesson(context, message.LessonId) is not var (section, place))
            return;
        if (await draft.FindSection(context, message.SectionId) is not { } target)
            return;
        if (target != section && !await draft.HasRoom(context, draft.Outline[target].Lessons.Count + 1, added: 0))
            return;

        var lesson = draft.Outline[section].Lessons[place];
        draft.SetLessons(section, [.. draft.Outline[section].Lessons.Where(l => l != lesson)]);
        var lessons = draft.Outline[target].Lessons.ToList();
        lessons.Insert(Places.Within(message.Position, lessons.Count), lesson);
        draft.SetLessons(target, lessons);
        await draft.Save(context, message, message.By, message.LessonId);
    }
}
