using EdTech.Contracts;
using EdTech.Contracts.Communication;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class OpenConversationTests(CommunicationFixture chat)
{
    [Fact]
    public async Task Two_people_have_one_direct_conversation_whoever_opens_it()
    {
        var people = await chat.People(2);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => chat.Worker.Done(Direct(people[i % 2], people[(i + 1) % 2]))));

        var id = answers.Select(a => a.Id).Distinct().ShouldHaveSingleItem();
        (await chat.View(people[0], id))!.OtherId.ShouldBe(people[1].Id);
        (await chat.View(people[1], id))!.OtherId.ShouldBe(people[0].Id);
        chat.Worker.Events<ConversationCreated>().Count(e => e.ConversationId == id).ShouldBe(1);
    }

    [Fact]
    public async Task A_group_of_two_hundred_has_all_of_them()
    {
        var people = await chat.People(200);
        var id = await chat.Group(people);

        (await chat.View(people[199], id)).ShouldNotBeNull().Moderator.ShouldBeFalse();
        (await chat.View(people[0], id)).ShouldNotBeNull().Moderator.ShouldBeTrue();
    }

    [Fact]
    public async Task A_stranger_sees_nothing_of_a_conversation()
    {
        var people = await chat.People(3);
        var id = await chat.Group(people[..2]);

        (await chat.View(people[2], id)).ShouldBeNull();
        (await chat.Worker.Refused(new MuteConversation(people[2], id, null))).Code.ShouldBe("conversation.not_a_member");
    }

    [Fact]
    public async Task Who_is_nobody_is_named()
    {
        var person = await chat.Person();
        var refused = await chat.Worker.Refused(Direct(person, new Actor(Guid.CreateVersion7(), [])));

        refused.Code.ShouldBe("person.not_found");
        refused.Details!.Keys.ShouldContain("memberIds");
    }

    static OpenConversation Direct(Actor by, Actor other) => new(by, Guid.CreateVersion7(), ConversationKind.Direct, null, [other.Id]);
}
