using Amazon.DynamoDBv2;
using CsCheck;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using static EdTech.Communication.Tests.CommunicationFixture;

namespace EdTech.Communication.Tests;

public sealed class ChatReplayTests(CommunicationFixture chat)
{
    static readonly string[] Emoji = ["👍", "🎉"];

    [Fact]
    public async Task Whatever_dies_and_whatever_comes_again_the_log_is_the_same()
    {
        var people = await chat.People(3);
        await Gen.Int[0, int.MaxValue].SampleAsync(
            async seed =>
            {
                var random = new Random(seed);
                var (calm, stormy) = (await chat.Group(people), await chat.Group(people));
                var script = Script(random, people, calm);
                var again = script.Select(r => r with { ConversationId = stormy }).ToArray();

                await Fold(Worker(chat.Table.Client), script, 0, script.Length);
                for (var offset = 0; offset < again.Length;)
                {
                    // A new instance after each death; it begins wherever offsets were committed last, which may be long ago.
                    using var line = new CutLine(random.Next(6), random.Next(2) == 0);
                    var worker = Worker(line);
                    offset -= random.Next(Math.Min(offset, 10) + 1);
                    try
                    {
                        while (offset < again.Length)
                        {
                            var count = Math.Min(random.Next(1, 12), again.Length - offset);
                            await Fold(worker, again, offset, count);
                            offset += count;
                        }
                    }
                    catch (IOException)
                    {
                        continue;
                    }
                }

                var (expected, entries) = ((await chat.Entries(people[0], calm)).Entries, (await chat.Entries(people[0], stormy)).Entries);
                entries.Select(Essence).ShouldBe(expected.Select(Essence));
                entries.Select(e => e.Sequence).ShouldBe(Enumerable.Range(1, entries.Count).Select(n => (long)n));
                (await chat.History(people[1], stormy, "?limit=100")).Messages.Select(Essence).ShouldBe((await chat.History(people[1], calm, "?limit=100")).Messages.Select(Essence));
                (await chat.View(people[2], stormy))!.Unread.ShouldBe((await chat.View(people[2], calm))!.Unread);
            },
            iter: 4,
            threads: 1);
    }

    [Fact]
    public async Task Two_writers_at_once_give_each_record_one_place()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var records = Enumerable.Range(0, 40).Select(n => (ChatRecord)Post(people[n % 2], group, $"{n}")).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var worker = Worker(chat.Table.Client);
            for (var offset = 0; offset < records.Length; offset += 5)
            {
                await Fold(worker, records, offset, 5);
            }
        }));

        var page = await chat.Entries(people[0], group);
        page.LastSequence.ShouldBe(40);
        page.Entries.Select(e => e.Text).ShouldBe(Enumerable.Range(0, 40).Select(n => $"{n}"));
    }

    [Fact]
    public async Task Each_record_that_is_not_let_in_says_why_and_nothing_of_its_text_even_without_redis()
    {
        var people = await chat.People(3);
        var group = await chat.Group(people[..2]);
        var message = Post(people[0], group, "well");
        (ChatRecord Record, string? Reason)[] script =
        [
            (message, null),
            (Post(people[2], group, "secretword"), "Its author was no member of the conversation."),
            (Post(people[0], Guid.CreateVersion7(), "secretword"), "There is no such conversation."),
            (Post(people[0], group, new string('x', 4_001)), "Its text has more than 4000 characters."),
            (Post(people[0], group, ""), "It has no text."),
            (Post(people[1], group, "secretword", message.RecordId), "Its id is that of somebody else's record."),
            (Edit(people[1], group, message.RecordId, "secretword"), "Only its author may edit a message."),
            (Delete(people[1], group, message.RecordId), "Only its author or a moderator may delete a message."),
            (Edit(people[0], group, Guid.CreateVersion7(), "secretword"), "There is no such message in the conversation."),
            (React(people[1], group, message.RecordId, "not one emoji"), "Its emoji is not one of at most 32 UTF-16 units."),
            (Delete(people[0], group, message.RecordId), null),
            (Edit(people[0], group, message.RecordId, "secretword"), "The message is deleted."),
        ];
        await using var away = new RedisConnection(
            new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build(), chat.Worker.Host.Services.GetRequiredService<Microsoft.Extensions.Hosting.IHostEnvironment>(), NullLogger<RedisConnection>.Instance);
        var worker = new ChatLogWorker(chat.Table, new ConversationFrames(away), NullLogger<ChatLogWorker>.Instance);

        for (var times = 0; times < 2; times++)
        {
            var rejected = await worker.Fold(0, [.. script.Select((s, i) => new StreamRecord<ChatRecord>(s.Record, new StreamPosition(0, i), null))], CancellationToken.None);
            rejected.Select(r => (r.Record.Position.Offset, r.Reason)).ShouldBe(script.Select((s, i) => ((long)i, s.Reason!)).Where(s => s.Item2 is not null));
        }

        (await chat.Entries(people[0], group)).LastSequence.ShouldBe(2);
    }

    ChatLogWorker Worker(IAmazonDynamoDB client) => new(
        new DynamoTable(client, chat.Table.Name),
        new ConversationFrames(chat.Worker.Host.Services.GetRequiredService<RedisConnection>()),
        NullLogger<ChatLogWorker>.Instance);

    static Task Fold(ChatLogWorker worker, ChatRecord[] records, int offset, int count)
        => worker.Fold(0, [.. records.Skip(offset).Take(count).Select((r, i) => new StreamRecord<ChatRecord>(r, new StreamPosition(0, offset + i), null))], CancellationToken.None);

    static ChatRecord[] Script(Random random, Actor[] people, Guid group)
    {
        List<ChatRecord> records = [];
        List<Guid> posted = [];
        while (records.Count < 40)
        {
            var by = people[random.Next(people.Length)];
            var message = posted.Count == 0 ? Guid.CreateVersion7() : posted[random.Next(posted.Count)];
            records.Add(random.Next(8) switch
            {
                0 or 1 or 2 => Post(by, group, $"text {records.Count}"),
                3 => Edit(by, group, message, $"edit {records.Count}"),
                4 => Delete(by, group, message),
                5 => React(by, group, message, Emoji[random.Next(2)]),
                6 => React(by, group, message, Emoji[random.Next(2)], removed: true),
                _ when records.Count > 0 => records[random.Next(records.Count)],
                _ => Post(by, group, "first"),
            });
            if (records[^1] is MessagePosted post)
            {
                posted.Add(post.RecordId);
            }
        }

        return [.. records];
    }

    static object Essence(ChatEntry entry) => (entry.Sequence, entry.Number, entry.Kind, entry.RecordId, entry.MessageId, entry.Text, entry.Emoji, entry.Removed);

    static object Essence(MessageView message)
        => (message.MessageId, message.Text, message.EditedAt is not null, message.DeletedAt is not null, string.Join(' ', message.Reactions.Select(r => $"{r.Emoji}{string.Join(',', r.MemberIds)}")));
}
