using System.Globalization;
using Amazon.DynamoDBv2.Model;
using EdTech.Academy;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;

// A second endpoint, on DynamoDB, and a third that keeps nothing.
namespace EdTech.Contracts.Library
{
    public sealed record LendBook(Guid BookId, string Note = "") : ICommand;

    public sealed record RefuseAfterLending(Guid BookId) : ICommand;

    public sealed record LendAfterFailing(Guid BookId, int Times) : ICommand;

    public sealed record LendUnderOthers(Guid BookId, int Conflicts) : ICommand;

    public sealed record LendWhatIsNotThere(Guid BookId) : ICommand;

    public sealed record ShelveBooks(Guid ShelfId, int Books) : ICommand;

    public sealed record OrderFromPublisher(Guid BookId) : ICommand;

    public sealed record OpenReading(Guid ReadingId) : ICommand;

    public sealed record CountPage(Guid ReadingId) : ICommand;

    public sealed record CloseReading(Guid ReadingId) : ICommand;

    public sealed record RemindReader(Guid ReadingId, int Seconds) : ICommand;

    public sealed record BookLent(Guid BookId, string Note) : IEvent;

    public sealed record BookOrdered(Guid BookId) : IEvent;

    public sealed record ReadingEnded(Guid ReadingId, int Pages, bool ByTimeout) : IEvent;
}

namespace EdTech.Contracts.Post
{
    public sealed record ForwardLetter(Guid LetterId) : ICommand;

    public sealed record FailToForward(Guid LetterId) : ICommand;

    public sealed record LetterForwarded(Guid LetterId) : IEvent;
}

namespace EdTech.Library
{
    using EdTech.Contracts;
    using EdTech.Contracts.Library;

    static class LibraryEndpoint
    {
        /// <summary>No delayed retries: what fails five times is seen in the error queue. No PostgreSQL either.</summary>
        public static WebApplication Build(string[] args)
            => WorkerHost.Build(
                new Worker("EdTech.Library", typeof(LibraryEndpoint).Assembly) { Among = t => t.Namespace == typeof(LibraryEndpoint).Namespace, DelayedRetries = [] }.OnDynamoDb(),
                [.. args, "--EDTECH_POSTGRES="]);
    }

    static class Books
    {
        /// <summary>An effect that shows when it takes place twice.</summary>
        public static void Lend(IMessageHandlerContext context, Guid bookId)
            => context.Items.Update($"BOOK#{bookId}", "BOOK", "ADD lent :one", values: new() { [":one"] = new AttributeValue { N = "1" } });

        public static async Task<int> Lent(DynamoTable table, Guid bookId)
            => (await table.Get($"BOOK#{bookId}", "BOOK", CancellationToken.None))?.GetValueOrDefault("lent")?.N is { } n ? int.Parse(n, CultureInfo.InvariantCulture) : 0;
    }

    sealed class LendBookHandler : IHandleMessages<LendBook>
    {
        public async Task Handle(LendBook message, IMessageHandlerContext context)
        {
            Attempts.Count(message.BookId);
            Books.Lend(context, message.BookId);
            await context.Publish(new BookLent(message.BookId, message.Note));
            await context.Reply(new Done(message.BookId));
        }
    }

    sealed class LibraryHandlers : IHandleMessages<RefuseAfterLending>, IHandleMessages<LendAfterFailing>, IHandleMessages<LendUnderOthers>, IHandleMessages<LendWhatIsNotThere>, IHandleMessages<ShelveBooks>
    {
        public async Task Handle(RefuseAfterLending message, IMessageHandlerContext context)
        {
            Books.Lend(context, message.BookId);
            await context.Publish(new BookLent(message.BookId, "must not leave"));
            await context.Refuse(RefusalKind.Conflict, "book.refused", "Refused after lending.");
        }

        public Task Handle(LendAfterFailing message, IMessageHandlerContext context)
        {
            Books.Lend(context, message.BookId);
            return Attempts.Count(message.BookId) <= message.Times ? throw new InvalidOperationException("Not yet.") : context.Reply(new Done(message.BookId));
        }

        /// <summary>Reads, and writes on condition that it is as it was read; somebody else is faster the first times.</summary>
        public async Task Handle(LendUnderOthers message, IMessageHandlerContext context)
        {
            var table = context.Items.Table;
            var lent = await Books.Lent(table, message.BookId);
            if (Attempts.Count(message.BookId) <= message.Conflicts)
            {
                await table.Client.UpdateItemAsync(
                    new UpdateItemRequest
                    {
                        TableName = table.Name,
                        Key = new() { ["pk"] = new AttributeValue($"BOOK#{message.BookId}"), ["sk"] = new AttributeValue("BOOK") },
                        UpdateExpression = "ADD lent :one",
                        ExpressionAttributeValues = new() { [":one"] = new AttributeValue { N = "1" } },
                    },
                    context.CancellationToken);
            }

            context.Items.Put(
                new()
                {
                    ["pk"] = new AttributeValue($"BOOK#{message.BookId}"),
                    ["sk"] = new AttributeValue("BOOK"),
                    ["lent"] = new AttributeValue { N = (lent + 1).ToString(CultureInfo.InvariantCulture) },
                },
                "attribute_not_exists(lent) OR lent = :read",
                new() { [":read"] = new AttributeValue { N = lent.ToString(CultureInfo.InvariantCulture) } });
            await context.Reply(new Done(message.BookId));
        }

        public Task Handle(LendWhatIsNotThere message, IMessageHandlerContext context)
        {
            context.Items.Update($"BOOK#{message.BookId}", "BOOK", "ADD lent :one", "attribute_exists(pk)", new() { [":one"] = new AttributeValue { N = "1" } });
            return context.Reply(new Done(message.BookId));
        }

        public Task Handle(ShelveBooks message, IMessageHandlerContext context)
        {
            for (var book = 0; book < message.Books; book++)
            {
                context.Items.Put(new() { ["pk"] = new AttributeValue($"SHELF#{message.ShelfId}"), ["sk"] = new AttributeValue($"BOOK#{book:00}") });
            }

            return context.Reply(new Done(message.ShelfId));
        }
    }

    sealed class OrderFromPublisherHandler : IHandleOutsideCalls<OrderFromPublisher>
    {
        public async Task Handle(OrderFromPublisher message, IMessageHandlerContext context)
        {
            Attempts.Count(message.BookId);
            await context.Publish(new BookOrdered(message.BookId));
            await context.Reply(new Done(message.BookId));
        }
    }

    sealed class ReadingData : SagaData
    {
        public Guid ReadingId { get; set; }

        public int Pages { get; set; }
    }

    sealed record ReadingIsOver(int Seconds);

    sealed class ReadingSaga : Saga<ReadingData>, IAmStartedByMessages<OpenReading>, IAmStartedByMessages<CountPage>, IHandleMessages<CloseReading>, IHandleMessages<RemindReader>, IHandleTimeouts<ReadingIsOver>
    {
        protected override void ConfigureHowToFindSaga(SagaPropertyMapper<ReadingData> mapper)
            => mapper.MapSaga(d => d.ReadingId)
                .ToMessage<OpenReading>(m => m.ReadingId)
                .ToMessage<CountPage>(m => m.ReadingId)
                .ToMessage<CloseReading>(m => m.ReadingId)
                .ToMessage<RemindReader>(m => m.ReadingId);

        public Task Handle(OpenReading message, IMessageHandlerContext context) => context.Reply(new Done(message.ReadingId));

        public Task Handle(CountPage message, IMessageHandlerContext context)
        {
            Data.Pages++;
            return context.Reply(new Done(message.ReadingId, Data.Pages));
        }

        public async Task Handle(CloseReading message, IMessageHandlerContext context)
        {
            await context.Publish(new ReadingEnded(Data.ReadingId, Data.Pages, ByTimeout: false));
            await context.Reply(new Done(message.ReadingId));
            MarkAsComplete();
        }

        public async Task Handle(RemindReader message, IMessageHandlerContext context)
        {
            await RequestTimeout(context, TimeSpan.FromSeconds(message.Seconds), new ReadingIsOver(message.Seconds));
            await context.Reply(new Done(message.ReadingId));
        }

        public async Task Timeout(ReadingIsOver state, IMessageHandlerContext context)
        {
            await context.Publish(new ReadingEnded(Data.ReadingId, Data.Pages, ByTimeout: true));
            MarkAsComplete();
        }
    }
}

namespace EdTech.Post
{
    using EdTech.Contracts;
    using EdTech.Contracts.Post;

    static class PostEndpoint
    {
        public static WebApplication Build(string[] args) => Build(args, table: false);

        public static WebApplication BuildWithTable(string[] args) => Build(args, table: true);

        static WebApplication Build(string[] args, bool table)
            => WorkerHost.Build(
                new Worker("EdTech.Post", typeof(PostEndpoint).Assembly) { Among = t => t.Namespace == typeof(PostEndpoint).Namespace, DelayedRetries = [] }.WithoutStorage(table),
                [.. args, "--EDTECH_POSTGRES="]);
    }

    sealed class ForwardLetterHandler : IHandleOutsideCalls<ForwardLetter>, IHandleOutsideCalls<FailToForward>
    {
        public async Task Handle(ForwardLetter message, IMessageHandlerContext context)
        {
            Attempts.Count(message.LetterId);
            await context.Publish(new LetterForwarded(message.LetterId));
            await context.Reply(new Done(message.LetterId));
        }

        public async Task Handle(FailToForward message, IMessageHandlerContext context)
        {
            await context.Publish(new LetterForwarded(message.LetterId));
            throw new InvalidOperationException($"Letter {message.LetterId} cannot be forwarded.");
        }
    }
}
