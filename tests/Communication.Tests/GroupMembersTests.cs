using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class GroupMembersTests(CommunicationFixture chat)
{
    [Fact]
    public async Task Only_a_moderator_adds_and_removes()
    {
        var people = await chat.People(4);
        var id = await chat.Group(people[..3]);

        (await chat.Worker.Refused(new AddMember(people[1], id, people[3].Id))).Code.ShouldBe("conversation.not_moderator");
        (await chat.Worker.Refused(new RemoveMember(people[1], id, people[2].Id))).Code.ShouldBe("conversation.not_moderator");
        (await chat.Worker.Refused(new RenameConversation(people[1], id, "Another name"))).Code.ShouldBe("conversation.not_moderator");
        (await chat.Worker.Refused(new AddMember(people[3], id, people[3].Id))).Code.ShouldBe("conversation.not_a_member");
        (await chat.Worker.Refused(new AddMember(people[0], Guid.CreateVersion7(), people[3].Id))).Code.ShouldBe("conversation.not_found");
        (await chat.Worker.Refused(new AddMember(people[0], id, Guid.CreateVersion7()))).Code.ShouldBe("person.not_found");

        await chat.Worker.Done(new AddMember(people[0], id, people[3].Id));
        await chat.Worker.Done(new RenameConversation(people[0], id, " Another name "));
        (await chat.View(people[3], id)).ShouldNotBeNull().Title.ShouldBe("Another name");
        await chat.Worker.Done(new RemoveMember(people[0], id, people[3].Id));
        (await chat.View(people[3], id)).ShouldBeNull();
        (await chat.View(people[0], id)).ShouldNotBeNull().MemberCount.ShouldBe(3);
        (await chat.Worker.Event<MemberLeft>(e => e.ConversationId == id)).AccountId.ShouldBe(people[3].Id);
    }

    [Fact]
    public async Task Adding_and_removing_again_changes_nothing()
    {
        var people = await chat.People(3);
        var id = await chat.Group(people[..2]);

        await chat.Worker.Done(new AddMember(people[0], id, people[1].Id));
        await chat.Worker.Done(new RemoveMember(people[0], id, people[2].Id));

        (await chat.View(people[0], id)).ShouldNotBeNull().MemberCount.ShouldBe(2);
    }

    [Fact]
    public async Task Adding_and_removing_at_once_leaves_a_count_that_is_right()
    {
        var people = await chat.People(9);
        var id = await chat.Group(people[..1].Append(people[8]).ToArray());
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(_ => people[1..8]).SelectMany(p => new Task[]
        {
            chat.Worker.Done(new AddMember(people[0], id, p.Id)),
            chat.Worker.Done(new RemoveMember(people[0], id, p.Id)),
        }));

        var members = await Members(people[0], id);
        (await chat.View(people[0], id)).ShouldNotBeNull().MemberCount.ShouldBe(members.Count);
        foreach (var person in people)
        {
            (await chat.View(person, id) is not null).ShouldBe(members.Any(m => m.AccountId == person.Id));
        }
    }

    [Fact]
    public async Task A_group_whose_moderator_leaves_is_handed_to_its_oldest_member()
    {
        var people = await chat.People(3);
        var id = await chat.Group(people[..2]);
        await chat.Worker.Done(new AddMember(people[0], id, people[2].Id));

        await chat.Worker.Done(new RemoveMember(people[0], id, people[0].Id));

        (await chat.View(people[1], id)).ShouldNotBeNull().Moderator.ShouldBeTrue();
        (await chat.View(people[2], id)).ShouldNotBeNull().Moderator.ShouldBeFalse();
        (await Members(people[1], id)).Where(m => m.Moderator).ShouldHaveSingleItem().AccountId.ShouldBe(people[1].Id);
    }

    [Fact]
    public async Task A_group_has_a_moderator_whoever_leaves_at_the_same_moment()
    {
        for (var round = 0; round < 5; round++)
        {
            var people = await chat.People(5);
            var id = await chat.Group(people);
            await Task.WhenAll(people[..4].Select(p => chat.Worker.Done(new RemoveMember(p, id, p.Id))));

            (await Members(people[4], id)).ShouldHaveSingleItem().Moderator.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_full_group_takes_nobody_more()
    {
        var people = await chat.People(201);
        var id = await chat.Group(people[..200]);

        (await chat.Worker.Refused(new AddMember(people[0], id, people[200].Id))).Code.ShouldBe("conversation.full");
        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await chat.Get(people[3], $"/internal/communication/conversations/{id}/members?limit=70&cursor={cursor}", CommunicationJson.Web.PageMemberView);
            page.Items.Count.ShouldBeLessThanOrEqualTo(70);
            seen.AddRange(page.Items.Select(m => m.AccountId));
            cursor = page.Next;
        }
        while (cursor is not null);
        seen.ShouldBe(people[..200].Select(p => p.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task What_was_said_before_somebody_joined_is_not_unread_for_them()
    {
        var people = await chat.People(3);
        var id = await chat.Group(people[..2]);
        await chat.State(id, lastSequence: 12, messages: 7);
        await chat.Worker.Done(new AddMember(people[0], id, people[2].Id));

        (await chat.View(people[1], id)).ShouldNotBeNull().Unread.ShouldBe(7);
        var joined = (await chat.View(people[2], id)).ShouldNotBeNull();
        joined.Unread.ShouldBe(0);
        joined.ReadSequence.ShouldBe(12);

        await chat.State(id, lastSequence: 15, messages: 9);
        (await chat.View(people[2], id)).ShouldNotBeNull().Unread.ShouldBe(2);
        (await chat.Get(people[2], "/internal/communication/unread", CommunicationJson.Web.UnreadView)).ShouldBe(new UnreadView(1, 2));
        (await chat.Get(people[1], "/internal/communication/unread", CommunicationJson.Web.UnreadView)).ShouldBe(new UnreadView(1, 9));
    }

    [Fact]
    public async Task Who_was_a_member_is_remembered_for_what_they_posted_before()
    {
        var people = await chat.People(2);
        var id = await chat.Group(people);
        await chat.Worker.Done(new RemoveMember(people[0], id, people[1].Id));

        (await chat.Table.Get(Keys.Conversation(id), Keys.Former(people[1].Id), CancellationToken.None)).ShouldNotBeNull();
        (await chat.Table.Get(Keys.Conversation(id), Keys.Former(people[0].Id), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_conversation_is_muted_for_oneself()
    {
        var people = await chat.People(2);
        var id = await chat.Group(people);
        var until = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddHours(8).ToUnixTimeMilliseconds());

        await chat.Worker.Done(new MuteConversation(people[1], id, until));
        (await chat.View(people[1], id)).ShouldNotBeNull().MutedUntil.ShouldBe(until);
        (await chat.View(people[0], id)).ShouldNotBeNull().MutedUntil.ShouldBeNull();

        await chat.Worker.Done(new MuteConversation(people[1], id, null));
        (await chat.View(people[1], id)).ShouldNotBeNull().MutedUntil.ShouldBeNull();
    }

    async Task<IReadOnlyList<MemberView>> Members(Actor by, Guid id)
        => (await chat.Get(by, $"/internal/communication/conversations/{id}/members?limit=200", CommunicationJson.Web.PageMemberView)).Items;
}
