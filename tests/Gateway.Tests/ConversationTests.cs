using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class ConversationTests(GatewayFixture fixture)
{
    [Fact]
    public async Task Two_people_find_the_same_conversation_and_a_block_closes_it()
    {
        var (one, other) = (await fixture.SignUp(), await fixture.SignUp());
        var opened = await Send(one, HttpMethod.Post, "/v1/conversations", new { kind = "direct", memberIds = new[] { other.AccountId } });
        opened.Status.ShouldBe(HttpStatusCode.Created);
        var again = await Send(other, HttpMethod.Post, "/v1/conversations", new { kind = "direct", memberIds = new[] { one.AccountId } });
        again.Location.ShouldBe(opened.Location);

        var seen = await Send(other, HttpMethod.Get, opened.Location!);
        seen.Body["otherId"]!.GetValue<Guid>().ShouldBe(one.AccountId);
        seen.Body["kind"]!.GetValue<string>().ShouldBe("direct");
        (await Send(other, HttpMethod.Get, "/v1/me/unread")).Body["messages"]!.GetValue<long>().ShouldBe(0);

        (await Send(other, HttpMethod.Put, $"/v1/me/blocks/{one.AccountId}")).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(other, HttpMethod.Get, "/v1/me/blocks")).Body["items"]!.AsArray().ShouldHaveSingleItem()!["accountId"]!.GetValue<Guid>().ShouldBe(one.AccountId);
        var group = await Send(one, HttpMethod.Post, "/v1/conversations", new { kind = "group", title = "Us", memberIds = new[] { other.AccountId } });
        (group.Status, group.Code).ShouldBe((HttpStatusCode.Forbidden, "conversation.blocked"));
        (await Send(other, HttpMethod.Delete, $"/v1/me/blocks/{one.AccountId}")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_group_is_named_filled_and_left()
    {
        var people = new[] { await fixture.SignUp(), await fixture.SignUp(), await fixture.SignUp() };
        var group = (await Send(people[0], HttpMethod.Post, "/v1/conversations", new { kind = "group", title = "Fractions", memberIds = new[] { people[1].AccountId } })).Location!;
        await WorkerUnderTest.Until(async () => (await Send(people[1], HttpMethod.Get, group)).Status == HttpStatusCode.OK, "the other is a member");

        (await Send(people[0], HttpMethod.Patch, group, new { title = "Thirds" })).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(people[0], HttpMethod.Put, $"{group}/members/{people[2].AccountId}")).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(people[2], HttpMethod.Get, group)).Body["title"]!.GetValue<string>().ShouldBe("Thirds");
        (await Send(people[2], HttpMethod.Get, $"{group}/members")).Body["items"]!.AsArray().Count.ShouldBe(3);
        (await Send(people[2], HttpMethod.Put, $"{group}/mute", new { until = DateTimeOffset.UtcNow.AddHours(1) })).Status.ShouldBe(HttpStatusCode.OK);
        (await Send(people[2], HttpMethod.Get, "/v1/conversations")).Body["items"]!.AsArray().ShouldHaveSingleItem()!["mutedUntil"].ShouldNotBeNull();

        (await Send(people[2], HttpMethod.Delete, $"{group}/members/{people[2].AccountId}")).Status.ShouldBe(HttpStatusCode.OK);
        var gone = await Send(people[2], HttpMethod.Get, group);
        (gone.Status, gone.Code).ShouldBe((HttpStatusCode.NotFound, "conversation.not_a_member"));
        (await Send(people[2], HttpMethod.Get, "/v1/conversations")).Body["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_wrong_with_a_conversation_is_told_by_field_or_rule()
    {
        var (one, other) = (await fixture.SignUp(), await fixture.SignUp());
        (HttpStatusCode, string?, string?)[] answers =
        [
            await Refusal(one, new { kind = "direct", memberIds = new[] { Guid.CreateVersion7() } }),
            await Refusal(one, new { kind = "direct", memberIds = new[] { one.AccountId } }),
            await Refusal(one, new { kind = "direct", memberIds = new[] { other.AccountId, Guid.CreateVersion7() } }),
            await Refusal(one, new { kind = "group", memberIds = new[] { other.AccountId } }),
            await Refusal(one, new { kind = "course", title = "Mine", memberIds = new[] { other.AccountId } }),
            await Refusal(one, new { kind = "group", title = new string('a', 121), memberIds = new[] { other.AccountId } }),
            await Refusal(one, new { kind = "group", title = "All", memberIds = Enumerable.Range(0, 200).Select(_ => Guid.CreateVersion7()) }),
            await Refusal(one, new { kind = "group", title = "All", memberIds = Array.Empty<Guid>() }),
        ];

        answers.Select(a => a.Item1).ShouldBe([.. Enumerable.Repeat(HttpStatusCode.UnprocessableEntity, 4), .. Enumerable.Repeat(HttpStatusCode.BadRequest, 4)]);
        answers.Take(4).Select(a => a.Item2).ShouldBe(["person.not_found", "conversation.with_oneself", "conversation.members", "conversation.title"]);
        answers.Skip(4).Select(a => a.Item3).ShouldBe(["kind", "title", "memberIds", "memberIds"]);
        var unknown = await Send(one, HttpMethod.Get, $"/v1/conversations/{Guid.CreateVersion7()}");
        (unknown.Status, unknown.Code).ShouldBe((HttpStatusCode.NotFound, "conversation.not_found"));
    }

    async Task<(HttpStatusCode, string?, string?)> Refusal(Person by, object body)
    {
        var answer = await Send(by, HttpMethod.Post, "/v1/conversations", body);
        return (answer.Status, answer.Code, answer.Body["errors"]?.AsArray() is [{ } first, ..] ? first["name"]?.GetValue<string>() : null);
    }

    async Task<Answer> Send(Person by, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = by.Authorization;
        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await fixture.Http.SendAsync(request);
        return new Answer(response.StatusCode, response.Headers.Location?.ToString(), JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    sealed record Answer(HttpStatusCode Status, string? Location, JsonNode Body)
    {
        public string? Code => Body["code"]?.GetValue<string>();
    }
}
