using EdTech.Contracts.Communication;
using EdTech.Testing;
using Shouldly;
using static EdTech.Communication.Tests.CommunicationFixture;

namespace EdTech.Communication.Tests;

public sealed class ChatLogTests(CommunicationFixture chat)
{
    [Fact]
    public async Task What_people_say_at_once_gets_one_order_without_a_gap_and_is_told_to_the_sockets()
    {
        var people = await chat.People(5);
        var group = await chat.Group(people);
        var heard = await chat.Listen(group);

        await Task.WhenAll(people.Select(p => chat.Say([.. Enumerable.Range(0, 10).Select(n => Post(p, group, $"{n}"))])));
        await chat.Stored(people[0], group, 50);

        var entries = (await chat.Entries(people[4], group)).Entries;
        entries.Select(e => e.Sequence).ShouldBe(Enumerable.Range(1, 50).Select(n => (long)n));
        entries.Select(e => e.Number).ShouldBe(Enumerable.Range(1, 50).Select(n => (long)n));
        foreach (var person in people)
        {
            entries.Where(e => e.AuthorId == person.Id).Select(e => e.Text).ShouldBe(Enumerable.Range(0, 10).Select(n => $"{n}"));
        }

        await WorkerUnderTest.Until(() => heard.Sum(f => f.Entries!.Count) >= 50, "the sockets have heard of all");
        heard.SelectMany(f => f.Entries!).Select(e => (e.Sequence, e.RecordId)).ShouldBe(entries.Select(e => (e.Sequence, e.RecordId)));
    }

    [Fact]
    public async Task A_message_that_comes_again_is_there_once()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var first = Post(people[0], group, "first");

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => chat.Say(first)));
        await chat.Say(Post(people[1], group, "second"), first, Post(people[1], group, "third"));
        await chat.Stored(people[0], group, 3);

        (await chat.History(people[0], group)).Messages.Select(m => m.Text).ShouldBe(["first", "second", "third"]);
        (await chat.View(people[0], group))!.MessageCount.ShouldBe(3);
    }

    [Fact]
    public async Task What_is_unread_is_counted_in_messages_and_ends_with_reading()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var first = Post(people[0], group, "a");
        await chat.Say(first, React(people[1], group, first.RecordId, "👍"), Post(people[0], group, "b"), Post(people[0], group, "c"));
        await chat.Stored(people[0], group, 4);

        (await chat.View(people[0], group)).ShouldNotBeNull().ShouldSatisfyAllConditions(v => v.Unread.ShouldBe(0), v => v.ReadSequence.ShouldBe(4), v => v.LastMessage.ShouldBe("c"));
        (await chat.View(people[1], group))!.Unread.ShouldBe(3);

        var heard = await chat.Listen(group);
        await chat.Reads(people[1], group, 3);
        await WorkerUnderTest.Until(async () => (await chat.View(people[1], group))!.Unread == 1, "one is left");
        await WorkerUnderTest.Until(() => heard.Any(f => f.Type == FrameTypes.Read && f.AccountId == people[1].Id && f.Sequence == 3), "the sockets hear of it");
    }

    [Fact]
    public async Task A_receipt_never_goes_back_nor_beyond_what_is_stored()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        await chat.Say([.. Enumerable.Range(0, 5).Select(n => Post(people[0], group, $"{n}"))]);
        await chat.Stored(people[0], group, 5);

        await chat.Reads(people[1], group, 4);
        await chat.Reads(people[1], group, 2);
        await chat.Reads(people[1], group, 9);
        await chat.Reads(people[0], group, 1);
        await WorkerUnderTest.Until(async () => (await chat.View(people[1], group))!.ReadSequence == 4, "they have read to the fourth");
        await chat.Reads(people[1], group, 5);
        await WorkerUnderTest.Until(async () => (await chat.View(people[1], group))!.ReadSequence >= 5, "they have read to the end");

        (await chat.View(people[1], group))!.ReadSequence.ShouldBe(5);
        (await chat.View(people[0], group))!.ReadSequence.ShouldBe(5);
    }

    [Fact]
    public async Task An_edit_replaces_the_text_for_good()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var message = Post(people[0], group, "teh");
        await chat.Say(message, Edit(people[0], group, message.RecordId, "the"), Edit(people[0], group, message.RecordId, "The end."));
        await chat.Stored(people[0], group, 3);

        (await chat.Message(people[1], group, message.RecordId)).ShouldSatisfyAllConditions(m => m.Text.ShouldBe("The end."), m => m.EditedAt.ShouldNotBeNull(), m => m.Sequence.ShouldBe(1));
        (await chat.Entries(people[1], group)).Entries.Select(e => e.Text).ShouldBe(["teh", null, "The end."]);
        (await chat.View(people[1], group))!.LastMessage.ShouldBe("The end.");
        (await chat.View(people[1], group))!.Unread.ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_is_left_of_the_text_of_a_deleted_message()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        var message = Post(people[1], group, "secretword one");
        await chat.Say(message, React(people[0], group, message.RecordId, "🎉"), Edit(people[1], group, message.RecordId, "secretword two"));
        await chat.Stored(people[0], group, 3);
        await chat.Say(Delete(people[0], group, message.RecordId), Edit(people[1], group, message.RecordId, "secretword three"), Delete(people[1], group, message.RecordId), Post(people[0], group, "on"));
        await chat.Stored(people[0], group, 5);

        (await chat.Message(people[1], group, message.RecordId)).ShouldSatisfyAllConditions(m => m.Text.ShouldBeNull(), m => m.DeletedAt.ShouldNotBeNull(), m => m.Reactions.ShouldBeEmpty());
        (await chat.Search(people[0], group, "secretword")).Messages.ShouldBeEmpty();
        var items = await chat.Table.Query(Keys.Conversation(group), " ", Keys.Last, 1_000, newestFirst: false, CancellationToken.None);
        items.SelectMany(i => i.Values).Where(v => v.S is not null).ShouldAllBe(v => !v.S.Contains("secretword"));
    }

    [Fact]
    public async Task Only_its_author_edits_and_only_author_or_moderator_deletes()
    {
        var people = await chat.People(3);
        var group = await chat.Group(people);
        var message = Post(people[1], group, "mine");
        await chat.Say(message, Edit(people[0], group, message.RecordId, "yours"), Edit(people[2], group, message.RecordId, "yours"), Delete(people[2], group, message.RecordId), Post(people[1], group, "after"));
        await chat.Stored(people[0], group, 2);

        (await chat.Message(people[0], group, message.RecordId)).ShouldSatisfyAllConditions(m => m.Text.ShouldBe("mine"), m => m.DeletedAt.ShouldBeNull());
        (await chat.Entries(people[0], group)).LastSequence.ShouldBe(2);
    }

    [Fact]
    public async Task A_reaction_counts_once_per_member_and_can_be_taken_back()
    {
        var people = await chat.People(3);
        var group = await chat.Group(people);
        var message = Post(people[0], group, "hi");
        await chat.Say(message, React(people[1], group, message.RecordId, "👍"), React(people[1], group, message.RecordId, "👍"), React(people[2], group, message.RecordId, "👍"), React(people[2], group, message.RecordId, "🎉"), React(people[2], group, message.RecordId, "🎉", removed: true), Post(people[0], group, "end"));
        await chat.Stored(people[0], group, 6);

        var reaction = (await chat.Message(people[0], group, message.RecordId)).Reactions.ShouldHaveSingleItem();
        reaction.Emoji.ShouldBe("👍");
        reaction.MemberIds.ShouldBe([people[1].Id, people[2].Id]);
        (await chat.Entries(people[0], group)).Entries.Select(e => e.Kind).ShouldBe([EntryKind.Posted, EntryKind.Reacted, EntryKind.Reacted, EntryKind.Reacted, EntryKind.Reacted, EntryKind.Posted]);
    }

    [Fact]
    public async Task Records_that_no_rule_lets_in_hold_nobody_up()
    {
        var people = await chat.People(3);
        var group = await chat.Group(people[..2]);
        await chat.Say(
            Post(people[2], group, "a stranger"),
            Post(people[0], Guid.CreateVersion7(), "nowhere"),
            Post(people[0], group, new string('x', 4_001)),
            Edit(people[0], group, Guid.CreateVersion7(), "nothing to edit"),
            React(people[0], group, Guid.CreateVersion7(), "👍"),
            Post(people[0], group, "well"));
        await chat.Stored(people[0], group, 1);

        (await chat.History(people[0], group)).Messages.Select(m => m.Text).ShouldBe(["well"]);
    }

    [Fact]
    public async Task What_somebody_wrote_before_leaving_is_taken_and_nothing_after()
    {
        var people = await chat.People(2);
        var group = await chat.Group(people);
        await chat.Worker.Done(new RemoveMember(people[0], group, people[1].Id));
        await chat.Say(Post(people[1], group, "before"), Post(people[1], group, "long after") with { At = DateTimeOffset.UtcNow.AddMinutes(5) }, Post(people[0], group, "last"));
        await chat.Stored(people[0], group, 2);

        (await chat.History(people[0], group)).Messages.Select(m => m.Text).ShouldBe(["before", "last"]);
    }
}
