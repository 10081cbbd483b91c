using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class RenameSectionHandler : IHandleMessages<RenameSection>
{
    public async Task Handle(RenameSection message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await draft.FindSection(context, message.SectionId) is not { } at)
            return;
        if (await CourseText.AcceptTitle(context, message.Title) is not { } title)
            return;

        draft.Outline[at] = draft.Outline[at] with { Title = title };
        await draft.Save(context, message, message.By, message.SectionId);
    }
}
