using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class AddLessonHandler : IHandleMessages<AddLesson>
{
    public async Task Handle(AddLesson message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await draft.FindSection(context, message.SectionId) is not { } at)
            return;
        if (await CourseText.Accept(context, message.Lesson) is not { } lesson)
            return;
        if (!await draft.HasRoom(context, draft.Outline[at].Lessons.Count + 1, added: 1))
            return;

        var lessons = draft.Outline[at].Lessons.ToList();
        lessons.Insert(Places.Within(message.Position, lessons.Count), await LessonRevision.Write(context, message.CourseId, message.LessonId, lesson));
        draft.SetLessons(at, lessons);
        await draft.Save(context, message, message.By, message.LessonId);
    }
}
