using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class MoveSectionHandler : IHandleMessages<MoveSection>
{
    public async Task Handle(MoveSection message, IMessageHandlerContext context)
    {
        var draft = await CourseDraft.Open(context, message.By, message.CourseId, message.ExpectedEdit);
        if (draft is null)
            return;
        if (await draft.FindSection(context, message.SectionId) is not { } at)
            return;

        var section = draft.Outline[at];
        draft.Outline.RemoveAt(at);
        draft.Outline.Insert(Places.Within(message.Position, draft.Outline.Count), section);
        await draft.Save(context, message, message.By, message.SectionId);
    }
}
