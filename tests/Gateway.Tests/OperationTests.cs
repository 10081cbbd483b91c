using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class OperationTests(GatewayFixture fixture)
{
    [Fact]
    public async Task A_write_that_is_not_waited_for_can_be_asked_for_until_it_is_done()
    {
        var tutor = await fixture.SignUp("tutor");
        var location = await CreateAsync(tutor);

        JsonNode? operation = null;
        await WorkerUnderTest.Until(async () =>
        {
            using var answer = await Get(location, tutor);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            operation = JsonNode.Parse(await answer.Content.ReadAsStringAsync());
            return operation!["status"]!.GetValue<string>() != "pending";
        }, "the operation is done");

        operation!["status"]!.GetValue<string>().ShouldBe("done");
        var link = operation["link"]!.GetValue<string>();
        link.ShouldEndWith(operation["reply"]!["id"]!.GetValue<string>());
        using var course = await Get(link, tutor);
        course.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nobody_else_can_ask_for_it_and_its_id_cannot_be_changed()
    {
        var location = await CreateAsync(await fixture.SignUp("tutor"));

        using var other = await Get(location, await fixture.SignUp("tutor"));
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var anonymous = await fixture.Http.GetAsync(new Uri(location, UriKind.Relative));
        anonymous.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var changed = await fixture.Http.GetAsync(new Uri(location[..^6] + "AAAAAA", UriKind.Relative));
        changed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    async Task<string> CreateAsync(Person tutor)
    {
        using var request = new SampleRequests(fixture.Document).Request(fixture.Document.Operations.Single(o => o is { Method: "POST", Path: "/v1/courses" }), await World.Create(fixture, tutor), tutor);
        request.Headers.Add("Prefer", "respond-async");
        using var response = await fixture.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        response.Headers.GetValues("Preference-Applied").Single().ShouldBe("respond-async");
        return response.Headers.Location!.ToString();
    }

    async Task<HttpResponseMessage> Get(string address, Person person)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
        request.Headers.Authorization = person.Authorization;
        return await fixture.Http.SendAsync(request);
    }
}
