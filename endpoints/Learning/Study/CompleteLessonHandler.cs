using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class CompleteLessonHandler(IssuerKeys keys) : IHandleMessages<CompleteLesson>
{
    public async Task Handle(CompleteLesson command, IMessageHandlerContext context)
    {
        var lesson = await LessonCompletion.Complete(context, keys, command.CourseId, command.By.Id, command.LessonId, quizPassed: false, nameof(CompleteLesson));

        if (lesson is null)
            await context.Refuse(RefusalKind.NotFound, "lesson.not_found", "You are not enrolled in a course with this lesson.");
        else if (lesson.Kind == LessonKind.Quiz && !lesson.Completed)
            await context.Refuse(RefusalKind.Conflict, "lesson.quiz_not_passed", "A quiz is completed by passing it.");
        else
            await context.Reply(new Done(command.LessonId));
    }
}
