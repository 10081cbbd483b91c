using System.Net;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Testing;
using Shouldly;
using static EdTech.Communication.Tests.CommunicationFixture;

namespace EdTech.Communication.Tests;

public sealed class ChatHistoryTests(CommunicationFixture chat)
{
    [Fact]
    public async Task History_is_paged_both_ways_without_a_gap_or_a_double()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var posts = Enumerable.Range(1, 25).Select(n => Post(people[0], group, $"{n}")).ToArray();
        await chat.Say([.. posts.SelectMany(p => new ChatRecord[] { p, React(people[1], group, p.RecordId, "👍") })]);
        await chat.Stored(people[0], group, 50);

        var newest = await chat.History(people[0], group, "?limit=10");
        var middle = await chat.History(people[0], group, $"?limit=10&before={newest.Messages[0].Sequence}");
        var oldest = await chat.History(people[0], group, $"?limit=10&before={middle.Messages[0].Sequence}");
        Texts(oldest).Concat(Texts(middle)).Concat(Texts(newest)).ShouldBe(Enumerable.Range(1, 25).Select(n => $"{n}"));
        (newest.HasOlder, newest.HasNewer, newest.LastSequence).ShouldBe((true, false, 50));
        (middle.HasOlder, middle.HasNewer).ShouldBe((true, true));
        (oldest.HasOlder, oldest.HasNewer, oldest.Messages.Count).ShouldBe((false, true, 5));

        var up = await chat.History(people[0], group, $"?limit=10&after={oldest.Messages[^1].Sequence}");
        Texts(up).ShouldBe(Texts(middle));
        (await chat.History(people[0], group, "?limit=10&after=0")).HasOlder.ShouldBeFalse();
        (await chat.History(people[0], group, "?after=50")).ShouldSatisfyAllConditions(p => p.Messages.ShouldBeEmpty(), p => p.HasNewer.ShouldBeFalse());
        (await chat.History(people[0], group, "?before=1")).ShouldSatisfyAllConditions(p => p.Messages.ShouldBeEmpty(), p => p.HasOlder.ShouldBeFalse());
    }

    [Fact]
    public async Task Who_comes_back_gets_what_was_missed_and_no_more()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        await chat.Say([.. Enumerable.Range(1, 12).Select(n => Post(people[0], group, $"{n}"))]);
        await chat.Stored(people[0], group, 12);

        var page = await chat.Entries(people[1], group, after: 7, limit: 3);
        (page.Entries.Select(e => e.Text!).ToArray(), page.More, page.LastSequence).ShouldSatisfyAllConditions(p => p.Item1.ShouldBe(["8", "9", "10"]), p => p.More.ShouldBeTrue(), p => p.LastSequence.ShouldBe(12));
        (await chat.Entries(people[1], group, after: 10, limit: 3)).ShouldSatisfyAllConditions(p => p.Entries.Count.ShouldBe(2), p => p.More.ShouldBeFalse());
        (await chat.Entries(people[1], group, after: 12)).ShouldSatisfyAllConditions(p => p.Entries.ShouldBeEmpty(), p => p.More.ShouldBeFalse());
        (await chat.Entries(people[1], group, after: long.MaxValue)).Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stranger_reads_nothing()
    {
        var people = await chat.People(3);
        var group = await chat.Group(people[0], people[2]);
        var message = Post(people[0], group, "private");
        await chat.Say(message);
        await chat.Stored(people[0], group, 1);

        foreach (var path in new[] { "entries", "messages", $"messages/{message.RecordId}", "messages/search?q=private" })
        {
            using var answer = await chat.Worker.Api(people[1]).GetAsync(new Uri($"/internal/communication/conversations/{group}/{path}", UriKind.Relative));
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("conversation.not_a_member");
        }
    }

    [Fact]
    public async Task Words_are_found_whatever_their_case_and_accents_newest_first()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var edited = Post(people[0], group, "Übung macht den Meister");
        await chat.Say(edited, Post(people[1], group, "nothing here"), Post(people[0], group, "die uebung"), Post(people[0], group, "noch eine UBUNGSAUFGABE zum Meister"), Post(people[1], group, "日本語の練習"));
        await chat.Stored(people[0], group, 5);

        (await chat.Search(people[0], group, "ubung")).Messages.Select(m => m.Sequence).ShouldBe([4L, 1L]);
        (await chat.Search(people[0], group, "MEIST übung")).Messages.Select(m => m.Sequence).ShouldBe([4L, 1L]);
        (await chat.Search(people[0], group, "日本")).Messages.Select(m => m.Sequence).ShouldBe([5L]);
        (await chat.Search(people[0], group, "bung")).Messages.ShouldBeEmpty();

        await chat.Say(Edit(people[0], group, edited.RecordId, "Training makes perfect"));
        await chat.Stored(people[0], group, 6);
        (await chat.Search(people[0], group, "ubung")).Messages.Select(m => m.Sequence).ShouldBe([4L]);
        (await chat.Search(people[0], group, "perfect")).Messages.ShouldHaveSingleItem().ShouldSatisfyAllConditions(m => m.Sequence.ShouldBe(1), m => m.Text.ShouldBe("Training makes perfect"));
    }

    [Fact]
    public async Task A_long_conversation_is_searched_by_its_blocks_and_forgets_deleted_words_there()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var posts = Enumerable.Range(1, 520).Select(n => Post(people[0], group, n % 100 == 0 ? $"needle{n} thread" : $"hay {n}")).ToArray();
        await Task.WhenAll(posts.Chunk(130).Select(c => chat.Say([.. c])));
        await chat.Stored(people[0], group, 520);
        await WorkerUnderTest.Until(async () => await chat.Table.Get(Keys.Conversation(group), Keys.Words(1), CancellationToken.None) is not null, "the words of two blocks are written");

        var first = await chat.Search(people[1], group, "needle thread", limit: 3);
        var second = await chat.Search(people[1], group, "needle thread", first.Next, limit: 3);
        first.Messages.Concat(second.Messages).Select(m => m.Text!).Order().ShouldBe(["needle100 thread", "needle200 thread", "needle300 thread", "needle400 thread", "needle500 thread"]);
        first.Messages.Concat(second.Messages).Select(m => m.Sequence).ShouldBeInOrder(SortDirection.Descending);

        var gone = (await chat.Search(people[1], group, "needle100")).Messages.Single();
        await chat.Say(Delete(people[0], group, gone.MessageId));
        await chat.Stored(people[0], group, 521);
        (await chat.Search(people[1], group, "needle100")).Messages.ShouldBeEmpty();
        await WorkerUnderTest.Until(async () => await chat.Table.Get(Keys.Conversation(group), Keys.Words(ChatFold.BlockOf(gone.Sequence)), CancellationToken.None) is { } words && SearchBlock.Find(words, 0, ["needle100"]).Count == 0, "the block's words are written again without it");
    }

    static IEnumerable<string?> Texts(MessagePage page) => page.Messages.Select(m => m.Text);
}
