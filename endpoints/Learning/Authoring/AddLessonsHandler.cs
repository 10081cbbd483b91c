using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class AddLessonsHandler : IHandleMessages<AddLessons>
{
    public async Task Handle(AddLessons message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, expectedEdit: null);
        if (draft is null)
            return;
        if (message.Lessons is not { Count: >= 1 and <= CourseRules.MaxLessonsPerSection })
        {
            await context.Refuse(RefusalKind.Invalid, "lessons.count", $"1 to {CourseRules.MaxLessonsPerSection} lessons come in one message.");
            return;
        }

        var at = draft.Outline.FindIndex(s => s.SectionId == message.SectionId);
        if (at < 0)
        {
            if (await CourseText.AcceptTitle(context, message.Title) is not { } title)
                return;
            if (draft.Outline.Count >= CourseRules.MaxSections)
            {
                await context.Refuse(RefusalKind.Invalid, "course.too_large", $"A course has at most {CourseRules.MaxSections} sections.");
                return;
            }

            at = draft.Outline.Count;
            draft.Outline.Add(new OutlineSection(message.SectionId, title, []));
        }

        var present = draft.Outline.SelectMany(s => s.Lessons).Select(l => l.LessonId).ToHashSet();
        var added = message.Lessons.Where(l => present.Add(l.LessonId)).ToList();
        if (!await draft.HasRoom(context, draft.Outline[at].Lessons.Count + added.Count, added.Count))
            return;

        var lessons = draft.Outline[at].Lessons.ToList();
        foreach (var (lessonId, written) in added)
        {
            if (await CourseText.Accept(context, written) is not { } lesson)
                return;
            lessons.Add(await LessonRevision.Write(context, message.CourseId, lessonId, lesson));
        }

        draft.SetLessons(at, lessons);
        await draft.Save(context, message, message.By, message.SectionId);
    }
}
