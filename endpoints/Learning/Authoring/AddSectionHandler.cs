using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class AddSectionHandler : IHandleMessages<AddSection>
{
    public async Task Handle(AddSection message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await CourseText.AcceptTitle(context, message.Title) is not { } title)
            return;
        if (draft.Outline.Count >= CourseRules.MaxSections)
        {
            await context.Refuse(RefusalKind.Invalid, "course.too_large", $"A course has at most {CourseRules.MaxSections} sections.");
            return;
        }

        draft.Outline.Insert(Places.Within(message.Position, draft.Outline.Count), new OutlineSection(message.SectionId, title, []));
        await draft.Save(context, message, message.By, message.SectionId);
    }
}
