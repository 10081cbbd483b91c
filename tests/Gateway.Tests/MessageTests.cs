using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class MessageTests(GatewayFixture fixture)
{
    [Fact]
    public async Task What_one_says_the_other_reads_edits_and_all()
    {
        var (one, other, chat) = await Pair();
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var (id, text) in new[] { (first, "Three quarters?"), (second, "Of twelve."), (first, "Three quarters?") })
        {
            var taken = await Send(one, HttpMethod.Post, $"{chat}/messages", new { messageId = id, text });
            (taken.Status, taken.Body["messageId"]!.GetValue<Guid>()).ShouldBe((HttpStatusCode.Accepted, id));
        }

        await Stored(other, chat, 2);
        (await Send(one, HttpMethod.Patch, $"{chat}/messages/{second}", new { text = "Of sixteen." })).Status.ShouldBe(HttpStatusCode.Accepted);
        (await Send(other, HttpMethod.Put, $"{chat}/messages/{second}/reactions/%F0%9F%91%8D")).Status.ShouldBe(HttpStatusCode.Accepted);
        (await Send(one, HttpMethod.Delete, $"{chat}/messages/{first}")).Status.ShouldBe(HttpStatusCode.Accepted);
        await Stored(other, chat, 5);
        (await Send(one, HttpMethod.Delete, $"{chat}/messages/{first}")).Status.ShouldBe(HttpStatusCode.Accepted, "who did not hear the answer asks again");

        var page = (await Send(other, HttpMethod.Get, $"{chat}/messages")).Body["messages"]!.AsArray();
        page.Select(m => m!["text"]?.GetValue<string>()).ShouldBe([null, "Of sixteen."]);
        page[1]!["reactions"]![0]!["emoji"]!.GetValue<string>().ShouldBe("👍");
        (await Send(other, HttpMethod.Get, $"{chat}/messages/{second}")).Body["text"]!.GetValue<string>().ShouldBe("Of sixteen.");
        (await Send(other, HttpMethod.Get, $"{chat}/messages/search?q=sixt")).Body["messages"]!.AsArray().Count.ShouldBe(1);
        (await Send(other, HttpMethod.Get, "/v1/me/unread")).Body["messages"]!.GetValue<long>().ShouldBe(2);
        Of(await Send(other, HttpMethod.Put, $"{chat}/read", new { sequence = 6 })).ShouldBe((HttpStatusCode.UnprocessableEntity, "receipt.ahead"));
        (await Send(other, HttpMethod.Put, $"{chat}/read", new { sequence = 5 })).Status.ShouldBe(HttpStatusCode.Accepted);
        await WorkerUnderTest.Until(async () => (await Send(other, HttpMethod.Get, "/v1/me/unread")).Body["messages"]!.GetValue<long>() == 0, "everything is read");
    }

    [Fact]
    public async Task A_message_can_be_changed_and_answered_as_soon_as_it_is_taken_at_whichever_gateway()
    {
        var (one, other, chat) = await Pair();
        using var second = await fixture.AnotherGateway();
        for (var round = 0; round < 5; round++)
        {
            var message = Guid.CreateVersion7();
            foreach (var (by, gateway, method, path, body) in new (Person, HttpClient, HttpMethod, string, object?)[]
            {
                (one, fixture.Http, HttpMethod.Post, "", new { messageId = message, text = "Three quarters?" }),
                (other, second, HttpMethod.Put, $"/{message}/reactions/%F0%9F%91%8D", null),
                (other, fixture.Http, HttpMethod.Post, "", new { text = "Of twelve.", replyTo = message }),
                (one, fixture.Http, HttpMethod.Patch, $"/{message}", new { text = "Two thirds?" }),
                (one, second, HttpMethod.Delete, $"/{message}", null),
            })
            {
                (await Send(by, method, $"{chat}/messages{path}", body, gateway)).Status.ShouldBe(HttpStatusCode.Accepted, $"{method} {path} of round {round}");
            }
        }

        await Stored(one, chat, 25);
        (await Send(one, HttpMethod.Get, $"{chat}/entries")).Body["entries"]!.AsArray().Take(5).Select(e => e!["kind"]!.GetValue<string>()).ShouldBe(["posted", "reacted", "posted", "edited", "deleted"]);
    }

    [Fact]
    public async Task Whoever_is_no_member_is_not_mentioned()
    {
        var (one, other, chat) = await Pair();
        var stranger = await fixture.SignUp();
        var message = Guid.CreateVersion7();

        await Send(one, HttpMethod.Post, $"{chat}/messages", new { messageId = message, text = "You two?", mentions = new[] { stranger.AccountId, other.AccountId } });
        await Stored(one, chat, 1);
        await Mentioned(other.AccountId);
        (await Send(one, HttpMethod.Patch, $"{chat}/messages/{message}", new { text = "Them and me?", mentions = new[] { stranger.AccountId, one.AccountId } })).Status.ShouldBe(HttpStatusCode.Accepted);
        await Stored(one, chat, 2);
        await Mentioned(one.AccountId);

        async Task Mentioned(Guid account)
            => (await Send(other, HttpMethod.Get, $"{chat}/messages/{message}")).Body["mentions"]!.AsArray().Select(m => m!.GetValue<Guid>()).ShouldBe([account]);
    }

    [Fact]
    public async Task What_cannot_be_said_is_refused_before_it_is_taken()
    {
        var (one, other, chat) = await Pair();
        var stranger = await fixture.SignUp();
        var message = Guid.CreateVersion7();
        await Send(one, HttpMethod.Post, $"{chat}/messages", new { messageId = message, text = "Mine." });
        await Stored(one, chat, 1);

        var long1 = await Send(one, HttpMethod.Post, $"{chat}/messages", new { text = new string('a', 4_001) });
        (long1.Status, long1.Code).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "message.too_long"));
        long1.Body["errors"]![0]!["reason"]!.GetValue<string>().ShouldContain("4000");
        Of(await Send(stranger, HttpMethod.Post, $"{chat}/messages", new { text = "Hello?" })).ShouldBe((HttpStatusCode.NotFound, "conversation.not_a_member"));
        Of(await Send(stranger, HttpMethod.Get, $"{chat}/messages")).ShouldBe((HttpStatusCode.NotFound, "conversation.not_a_member"));
        Of(await Send(one, HttpMethod.Post, $"/v1/conversations/{Guid.CreateVersion7()}/messages", new { text = "Hello?" })).ShouldBe((HttpStatusCode.NotFound, "conversation.not_found"));
        Of(await Send(other, HttpMethod.Patch, $"{chat}/messages/{message}", new { text = "Yours." })).ShouldBe((HttpStatusCode.Forbidden, "message.not_yours"));
        Of(await Send(other, HttpMethod.Delete, $"{chat}/messages/{Guid.CreateVersion7()}")).ShouldBe((HttpStatusCode.NotFound, "message.not_found"));

        foreach (var missing in new[] { Guid.CreateVersion7(), await Elsewhere(one) })
        {
            Of(await Send(one, HttpMethod.Post, $"{chat}/messages", new { text = "Indeed.", replyTo = missing })).ShouldBe((HttpStatusCode.NotFound, "message.not_found"));
            Of(await Send(one, HttpMethod.Put, $"{chat}/messages/{missing}/reactions/%F0%9F%91%8D")).ShouldBe((HttpStatusCode.NotFound, "message.not_found"));
        }

        (await Send(other, HttpMethod.Put, $"/v1/me/blocks/{one.AccountId}")).Status.ShouldBe(HttpStatusCode.OK);
        await WorkerUnderTest.Until(async () => Of(await Send(one, HttpMethod.Post, $"{chat}/messages", new { text = "Still there?" })) == (HttpStatusCode.Forbidden, "conversation.blocked"), "the block has reached the gateway");
    }

    static (HttpStatusCode, string?) Of(Answer answer) => (answer.Status, answer.Code);

    async Task<(Person One, Person Other, string Conversation)> Pair()
    {
        var (one, other) = (await fixture.SignUp(), await fixture.SignUp());
        return (one, other, (await Send(one, HttpMethod.Post, "/v1/conversations", new { kind = "direct", memberIds = new[] { other.AccountId } })).Location!);
    }

    /// <summary>A message in another conversation of the same person.</summary>
    async Task<Guid> Elsewhere(Person by)
    {
        var (message, friend) = (Guid.CreateVersion7(), await fixture.SignUp());
        var chat = (await Send(by, HttpMethod.Post, "/v1/conversations", new { kind = "direct", memberIds = new[] { friend.AccountId } })).Location!;
        await Send(by, HttpMethod.Post, $"{chat}/messages", new { messageId = message, text = "Elsewhere." });
        return message;
    }

    Task Stored(Person by, string conversation, long sequence)
        => WorkerUnderTest.Until(async () => (await Send(by, HttpMethod.Get, $"{conversation}/entries?after={sequence - 1}")).Body["lastSequence"]?.GetValue<long>() >= sequence, $"entry {sequence} is stored");

    async Task<Answer> Send(Person by, HttpMethod method, string path, object? body = null, HttpClient? gateway = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = by.Authorization;
        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await (gateway ?? fixture.Http).SendAsync(request);
        return new Answer(response.StatusCode, response.Headers.Location?.ToString(), JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    sealed record Answer(HttpStatusCode Status, string? Location, JsonNode Body)
    {
        public string? Code => Body["code"]?.GetValue<string>();
    }
}
