using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class RemoveSectionHandler : IHandleMessages<RemoveSection>
{
    public async Task Handle(RemoveSection message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await draft.FindSection(context, message.SectionId) is not { } at)
            return;

        draft.Outline.RemoveAt(at);
        await draft.Save(context, message, message.By, message.SectionId);
    }
}
