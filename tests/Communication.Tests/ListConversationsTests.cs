using System.Net;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class ListConversationsTests(CommunicationFixture chat)
{
    [Fact]
    public async Task The_most_recently_active_come_first_page_by_page()
    {
        var people = await chat.People(2);
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            ids.Add(await chat.Group(people));
        }

        var now = DateTimeOffset.UtcNow;
        foreach (var (id, i) in ids.Select((id, i) => (id, i)).Where(c => c.i % 2 == 0))
        {
            await chat.State(id, lastSequence: 1, messages: 1, lastAt: now.AddMinutes(10 - i));
        }

        var expected = ids.Where((_, i) => i % 2 == 0).Concat(ids.Where((_, i) => i % 2 == 1).Reverse()).ToArray();
        var seen = new List<ConversationView>();
        string? cursor = null;
        do
        {
            var page = await chat.Get(people[1], $"/internal/communication/conversations?limit=3&cursor={cursor}", CommunicationJson.Web.PageConversationView);
            page.Items.Count.ShouldBeLessThanOrEqualTo(3);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        seen.Select(c => c.ConversationId).ShouldBe(expected);
        (await chat.Get(people[1], "/internal/communication/unread", CommunicationJson.Web.UnreadView)).ShouldBe(new UnreadView(4, 4));
    }

    [Fact]
    public async Task A_cursor_of_somebody_elses_making_is_refused()
    {
        var person = await chat.Person();
        foreach (var path in new[] { "conversations", "blocks" })
        {
            using var answer = await chat.Worker.Api(person).GetAsync(new Uri($"/internal/communication/{path}?cursor=nonsense", UriKind.Relative));
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Nobody_is_in_more_conversations_than_can_be_listed()
    {
        var people = await chat.People(3);
        await chat.Fill(people[0], Membership.MaxPerPerson);

        (await chat.Worker.Refused(new OpenConversation(people[0], Guid.CreateVersion7(), ConversationKind.Direct, null, [people[1].Id]))).Code.ShouldBe("conversation.too_many");
        (await chat.Worker.Refused(new OpenConversation(people[1], Guid.CreateVersion7(), ConversationKind.Direct, null, [people[0].Id]))).Code.ShouldBe("conversation.too_many");
        var group = await chat.Group(people[1], people[2]);
        (await chat.Worker.Refused(new AddMember(people[1], group, people[0].Id))).Code.ShouldBe("conversation.too_many");
    }

    [Fact]
    public async Task What_a_stranger_may_do_in_a_conversation_is_nothing()
    {
        var people = await chat.People(3);
        var id = await chat.Group(people[..2]);

        (await Access(people[0], id)).ShouldBe((HttpStatusCode.OK, null, true));
        (await Access(people[2], id)).ShouldBe((HttpStatusCode.NotFound, "conversation.not_a_member", null));
        (await Access(people[0], Guid.CreateVersion7())).ShouldBe((HttpStatusCode.NotFound, "conversation.not_found", null));
        await chat.Worker.Done(new RemoveMember(people[0], id, people[1].Id));
        (await Access(people[1], id)).ShouldBe((HttpStatusCode.NotFound, "conversation.not_a_member", null));
    }

    async Task<(HttpStatusCode Status, string? Code, bool? MayPost)> Access(Actor by, Guid id)
    {
        using var answer = await chat.Worker.Api(by).GetAsync(new Uri($"/internal/communication/conversations/{id}/access", UriKind.Relative));
        using var body = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (
            answer.StatusCode,
            body.RootElement.TryGetProperty("code", out var code) ? code.GetString() : null,
            body.RootElement.TryGetProperty("mayPost", out var may) ? may.GetBoolean() : null);
    }
}
