using System.Collections.Concurrent;
using Dapper;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

// An endpoint of its own, as a domain would write one: what the runtime promises is tried on it.
namespace EdTech.Contracts.Academy
{
    public sealed record GradePaper(Guid PaperId, string Note = "") : ICommand;

    public sealed record GradeTwice(Guid PaperId) : ICommand;

    public sealed record RefuseAfterWriting(Guid PaperId) : ICommand;

    public sealed record FailAlways(Guid PaperId) : ICommand;

    public sealed record FailAtFirst(Guid PaperId, int Times) : ICommand;

    public sealed record HideADatabaseError(Guid PaperId) : ICommand;

    public sealed record NobodyHandlesThis(Guid PaperId) : ICommand;

    public sealed record ForgetToReply(Guid PaperId) : ICommand;

    public sealed record CallOutside(Guid PaperId) : ICommand;

    public sealed record BeginTerm(Guid TermId) : ICommand;

    public sealed record CountLesson(Guid TermId) : ICommand;

    public sealed record EndTerm(Guid TermId) : ICommand;

    public sealed record RefuseTerm(Guid TermId) : ICommand;

    public sealed record RemindMe(Guid TermId, int Seconds) : ICommand;

    public sealed record PaperGraded(Guid PaperId, string Note) : IEvent;

    public sealed record TermEnded(Guid TermId, int Lessons, bool ByTimeout) : IEvent;

    public sealed record OutsideCalled(Guid PaperId) : IEvent;

    public sealed record FailUntilMended(Guid PaperId, Guid Fault) : ICommand;

    public sealed record FailAtLength(Guid PaperId) : ICommand;
}

namespace EdTech.Academy
{
    using EdTech.Contracts;
    using EdTech.Contracts.Academy;

    static class AcademyEndpoint
    {
        public static WebApplication Build(string[] args)
            => WorkerHost.Build(new Worker("EdTech.Academy", typeof(AcademyEndpoint).Assembly) { Among = IsOurs, DelayedRetries = [TimeSpan.FromSeconds(1)] }.Services(AddChecks), args);

        public static WebApplication BuildBatching(string[] args)
            => WorkerHost.Build(new Worker("EdTech.Academy", typeof(AcademyEndpoint).Assembly) { Among = IsOurs, BatchSize = 16, DelayedRetries = [] }.Services(AddChecks), args);

        static void AddChecks(IServiceCollection services)
            => services.AddSingleton(new CustomCheck("Chalk", "Classroom", TimeSpan.FromSeconds(1), (provider, _) => Task.FromResult(
                provider.GetRequiredService<IConfiguration>()["EDTECH_ACADEMY_CHALK"] is { Length: > 0 } path && !File.Exists(path) ? "There is no chalk." : null)));

        static bool IsOurs(Type type) => type.Namespace == typeof(AcademyEndpoint).Namespace;
    }

    static class Attempts
    {
        static readonly ConcurrentDictionary<Guid, int> Counts = new();

        /// <summary>Faults that are no more.</summary>
        public static ConcurrentDictionary<Guid, bool> Mended { get; } = new();

        public static int Of(Guid id) => Counts.GetValueOrDefault(id);

        public static int Count(Guid id) => Counts.AddOrUpdate(id, 1, (_, n) => n + 1);
    }

    sealed class GradePaperHandler : IHandleMessages<GradePaper>
    {
        public async Task Handle(GradePaper message, IMessageHandlerContext context)
        {
            Attempts.Count(message.PaperId);
            await Papers.Insert(context, message.PaperId, message.Note);
            await context.Publish(new PaperGraded(message.PaperId, message.Note));
            await context.Reply(new Done(message.PaperId));
        }
    }

    static class Papers
    {
        public static Task Insert(IMessageHandlerContext context, Guid paperId, string note = "")
            => context.Db.ExecuteAsync(
                "INSERT INTO academy.paper (paper_id, message_id, note) VALUES (@paperId, @MessageId, @note)",
                new { paperId, context.MessageId, note });
    }

    sealed class RefuseAfterWritingHandler : IHandleMessages<RefuseAfterWriting>
    {
        public async Task Handle(RefuseAfterWriting message, IMessageHandlerContext context)
        {
            await Papers.Insert(context, message.PaperId);
            await context.Publish(new PaperGraded(message.PaperId, "must not leave"));
            await context.Refuse(RefusalKind.Conflict, "paper.refused", "Refused after writing.");
        }
    }

    sealed class FailingHandlers : IHandleMessages<FailAlways>, IHandleMessages<FailAtFirst>, IHandleMessages<HideADatabaseError>, IHandleMessages<ForgetToReply>, IHandleMessages<FailAtLength>, IHandleMessages<FailUntilMended>
    {
        public async Task Handle(FailAlways message, IMessageHandlerContext context)
        {
            await Papers.Insert(context, message.PaperId);
            Attempts.Count(message.PaperId);
            throw new InvalidOperationException($"Paper {message.PaperId} cannot be graded.", new ArgumentException("inner cause"));
        }

        public async Task Handle(FailAtFirst message, IMessageHandlerContext context)
        {
            await Papers.Insert(context, message.PaperId);
            if (Attempts.Count(message.PaperId) <= message.Times)
            {
                throw new InvalidOperationException("Not yet.");
            }

            await context.Reply(new Done(message.PaperId));
        }

        public async Task Handle(HideADatabaseError message, IMessageHandlerContext context)
        {
            await Papers.Insert(context, message.PaperId);
            try
            {
                await context.Db.ExecuteAsync("SELECT 1/0");
            }
            catch (Npgsql.PostgresException)
            {
                // What a careless handler does: the runtime must notice that the transaction is lost.
            }

            await context.Reply(new Done(message.PaperId));
        }

        public async Task Handle(FailUntilMended message, IMessageHandlerContext context)
        {
            await Papers.Insert(context, message.PaperId);
            Attempts.Count(message.PaperId);
            if (!Attempts.Mended.ContainsKey(message.Fault))
            {
                throw new InvalidOperationException($"Paper {message.PaperId} cannot be graded yet.");
            }
        }

        public Task Handle(FailAtLength message, IMessageHandlerContext context)
            => throw new UnrecoverableException(new string('漢', 60_000)) { Data = { ["long"] = new string('字', 60_000) } };

        public Task Handle(ForgetToReply message, IMessageHandlerContext context) => Papers.Insert(context, message.PaperId);
    }

    sealed class FilePaperWhenOutsideCalled : IHandleMessages<OutsideCalled>
    {
        public Task Handle(OutsideCalled message, IMessageHandlerContext context) => Task.CompletedTask;
    }

    /// <summary>Answers to what was asked in this endpoint's name.</summary>
    sealed class NoteAnswer : IHandleMessages<Done>
    {
        public Task Handle(Done message, IMessageHandlerContext context) => Task.CompletedTask;
    }

    sealed class CallOutsideHandler : IHandleOutsideCalls<CallOutside>
    {
        public async Task Handle(CallOutside message, IMessageHandlerContext context)
        {
            Attempts.Count(message.PaperId);
            await context.Publish(new OutsideCalled(message.PaperId));
            await context.Reply(new Done(message.PaperId));
        }
    }

    sealed class TermData : SagaData
    {
        public Guid TermId { get; set; }

        public int Lessons { get; set; }
    }

    sealed record TermIsOver(int Seconds);

    sealed class TermSaga : Saga<TermData>, IAmStartedByMessages<BeginTerm>, IAmStartedByMessages<CountLesson>, IHandleMessages<EndTerm>, IHandleMessages<RemindMe>, IAmStartedByMessages<RefuseTerm>, IHandleTimeouts<TermIsOver>
    {
        protected override void ConfigureHowToFindSaga(SagaPropertyMapper<TermData> mapper)
            => mapper.MapSaga(d => d.TermId)
                .ToMessage<BeginTerm>(m => m.TermId)
                .ToMessage<CountLesson>(m => m.TermId)
                .ToMessage<EndTerm>(m => m.TermId)
                .ToMessage<RemindMe>(m => m.TermId)
                .ToMessage<RefuseTerm>(m => m.TermId);

        public Task Handle(BeginTerm message, IMessageHandlerContext context) => context.Reply(new Done(message.TermId));

        public Task Handle(CountLesson message, IMessageHandlerContext context)
        {
            Data.Lessons++;
            return context.Reply(new Done(message.TermId, Data.Lessons));
        }

        public async Task Handle(EndTerm message, IMessageHandlerContext context)
        {
            await context.Publish(new TermEnded(Data.TermId, Data.Lessons, ByTimeout: false));
            await context.Reply(new Done(message.TermId));
            MarkAsComplete();
        }

        public async Task Handle(RefuseTerm message, IMessageHandlerContext context)
        {
            Data.Lessons = 100;
            await context.Refuse(RefusalKind.Conflict, "term.refused", "Refused after changing.");
        }

        public async Task Handle(RemindMe message, IMessageHandlerContext context)
        {
            await RequestTimeout(context, TimeSpan.FromSeconds(message.Seconds), new TermIsOver(message.Seconds));
            await context.Reply(new Done(message.TermId));
        }

        public async Task Timeout(TermIsOver state, IMessageHandlerContext context)
        {
            await context.Publish(new TermEnded(Data.TermId, Data.Lessons, ByTimeout: true));
            MarkAsComplete();
        }
    }
}
