using System.Text.Json.Serialization;
using Dapper;
using EdTech.Contracts.Bench;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;

// An endpoint as a domain would write one: a handler with one insert and one event.
namespace EdTech.Contracts.Bench
{
    /// <summary>From the bench: note an answer. About 450 bytes as JSON.</summary>
    public sealed record RecordAnswer(Guid AnswerId, Guid LearnerId, Guid LessonId, int Points, string Body) : ICommand;

    /// <summary>An answer was noted.</summary>
    public sealed record AnswerRecorded(Guid AnswerId, Guid LearnerId, Guid LessonId, int Points, string Body, DateTimeOffset AnsweredAt) : IEvent;

    [JsonSerializable(typeof(RecordAnswer))]
    [JsonSerializable(typeof(AnswerRecorded))]
    sealed partial class BenchJson : JsonSerializerContext;
}

namespace EdTech.Bench
{
    static class BenchEndpoint
    {
        public const string Name = "EdTech.Bench";

        public static readonly string Body = string.Concat(Enumerable.Repeat("An answer of ordinary length. ", 9));

        public static WebApplication Build(int batchSize, int concurrency, string[] args)
            => WorkerHost.Build(new Worker(Name, typeof(BenchEndpoint).Assembly) { BatchSize = batchSize, Concurrency = concurrency }, args);
    }

    sealed class RecordAnswerHandler : IHandleMessages<RecordAnswer>
    {
        public async Task Handle(RecordAnswer message, IMessageHandlerContext context)
        {
            await context.Db.ExecuteAsync(
                """
                INSERT INTO bench.answer (answer_id, learner_id, lesson_id, points, body, answered_at)
                VALUES (@AnswerId, @LearnerId, @LessonId, @Points, @Body, @Now)
                """,
                new { message.AnswerId, message.LearnerId, message.LessonId, message.Points, message.Body, context.Now });
            await context.Publish(new AnswerRecorded(message.AnswerId, message.LearnerId, message.LessonId, message.Points, message.Body, context.Now));
        }
    }
}
