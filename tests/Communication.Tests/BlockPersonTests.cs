using EdTech.Contracts;
using EdTech.Contracts.Communication;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class BlockPersonTests(CommunicationFixture chat)
{
    [Fact]
    public async Task Neither_writes_to_the_other_directly_until_the_block_ends()
    {
        var people = await chat.People(2);
        var id = (await chat.Worker.Done(Direct(people[0], people[1]))).Id;
        (await MayPost(people[0], id)).ShouldBeTrue();

        await chat.Worker.Done(new BlockPerson(people[1], people[0].Id));
        await chat.Worker.Done(new BlockPerson(people[1], people[0].Id));
        (await MayPost(people[0], id)).ShouldBeFalse();
        (await MayPost(people[1], id)).ShouldBeFalse();
        (await chat.Worker.Done(Direct(people[0], people[1]))).Id.ShouldBe(id); // what was said stays to be read

        await chat.Worker.Done(new UnblockPerson(people[1], people[0].Id));
        (await MayPost(people[0], id)).ShouldBeTrue();
        chat.Worker.Events<PersonBlocked>().Count(e => e.BlockerId == people[1].Id).ShouldBe(1);
        (await chat.Worker.Event<PersonUnblocked>(e => e.BlockerId == people[1].Id)).BlockedId.ShouldBe(people[0].Id);
    }

    [Fact]
    public async Task Who_is_blocked_opens_no_conversation_of_any_kind_with_who_blocked_them()
    {
        var people = await chat.People(3);
        await chat.Worker.Done(new BlockPerson(people[1], people[0].Id));

        (await chat.Worker.Refused(Direct(people[0], people[1]))).Code.ShouldBe("conversation.blocked");
        (await chat.Worker.Refused(Direct(people[1], people[0]))).Code.ShouldBe("conversation.blocked");
        (await chat.Worker.Refused(new OpenConversation(people[0], Guid.CreateVersion7(), ConversationKind.Group, "Us", [people[2].Id, people[1].Id]))).Message.ShouldContain(people[1].Id.ToString());
        var group = await chat.Group(people[0], people[2]);
        (await chat.Worker.Refused(new AddMember(people[0], group, people[1].Id))).Code.ShouldBe("conversation.blocked");
        await chat.Worker.Done(Direct(people[0], people[2]));
    }

    [Fact]
    public async Task In_a_group_both_go_on_writing()
    {
        var people = await chat.People(3);
        var id = await chat.Group(people);
        await chat.Worker.Done(new BlockPerson(people[1], people[2].Id));

        (await MayPost(people[1], id)).ShouldBeTrue();
        (await MayPost(people[2], id)).ShouldBeTrue();
    }

    [Fact]
    public async Task Blocks_are_listed_for_who_made_them()
    {
        var people = await chat.People(6);
        foreach (var other in people[1..])
        {
            await chat.Worker.Done(new BlockPerson(people[0], other.Id));
        }

        var first = await chat.Get(people[0], "/internal/communication/blocks?limit=3", CommunicationJson.Web.PageBlockView);
        var second = await chat.Get(people[0], $"/internal/communication/blocks?limit=3&cursor={first.Next}", CommunicationJson.Web.PageBlockView);
        second.Next.ShouldBeNull();
        first.Items.Concat(second.Items).Select(b => b.AccountId).ShouldBe(people[1..].Select(p => p.Id), ignoreOrder: true);
        (await chat.Get(people[1], "/internal/communication/blocks", CommunicationJson.Web.PageBlockView)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Oneself_and_nobody_are_not_blocked()
    {
        var person = await chat.Person();

        (await chat.Worker.Refused(new BlockPerson(person, person.Id))).Code.ShouldBe("block.oneself");
        (await chat.Worker.Refused(new BlockPerson(person, Guid.CreateVersion7()))).Code.ShouldBe("person.not_found");
    }

    async Task<bool> MayPost(Actor by, Guid id) => (await chat.Get(by, $"/internal/communication/conversations/{id}/access", CommunicationJson.Web.ConversationAccess)).MayPost;

    static OpenConversation Direct(Actor by, Actor other) => new(by, Guid.CreateVersion7(), ConversationKind.Direct, null, [other.Id]);
}
