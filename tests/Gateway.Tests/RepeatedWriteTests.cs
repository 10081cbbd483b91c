using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Shouldly;

namespace EdTech.Gateway.Tests;

/// <summary>Every write of the document, twice under one <c>Idempotency-Key</c>.</summary>
public sealed class RepeatedWriteTests(GatewayFixture fixture)
{
    /// <summary>What a second answer cannot repeat, each with its reason.</summary>
    static readonly HashSet<string> Exempt = new(StringComparer.Ordinal)
    {
        // Their answers hold secrets, which are not stored: a repeat signs in again, or makes the next secret.
        "startSession", "startSocialSession", "refreshSession", "enrolTwoFactor", "confirmTwoFactor", "renewRecoveryCodes", "renewTicket",
        // Its events have ids of their own, by which a repeat is recognised; the batch has none.
        "reportBehaviour",
        // Changes nothing.
        "checkCredential",
        // The caller's token ends with it.
        "signOut",
    };

    [Fact]
    public async Task The_same_key_and_body_give_the_same_answer_and_another_body_is_refused()
    {
        var samples = new SampleRequests(fixture.Document);
        var faults = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(fixture.Document.Operations.Where(o => o.Writes && !o.TakesUpload && !Exempt.Contains(o.Id)), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (operation, ct) =>
        {
            // A person for each operation: some of them end sessions, change passwords or suspend.
            var world = await World.Create(fixture, await fixture.SignUp("tutor", "moderator", "support", "admin"), operation);
            var caller = operation.PathParameters.Contains("accountId") ? await fixture.SignUp("admin") : await fixture.SignIn(world.Owner.Email);
            var body = samples.BodyOf(operation, world);
            var key = Guid.NewGuid().ToString();

            var first = await Send(operation, world, caller, key, body);
            var second = await Send(operation, world, caller, key, body);
            if (Comparable(first) != Comparable(second)) faults.Enqueue($"{operation}: first {Comparable(first)}, then {Comparable(second)}");

            if (first.Status >= 300 || body is null) return;
            body["_another"] = "body";
            var other = await Send(operation, world, caller, key, body);
            if (other.Status != 422 || JsonNode.Parse(other.Body)?["code"]?.GetValue<string>() != "idempotency.key_reused") faults.Enqueue($"{operation}: another body under the same key was answered {other.Status} {other.Body}");
        });

        faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Requests_that_race_under_one_key_take_effect_once()
    {
        var tutor = await fixture.SignUp("tutor");
        var operation = fixture.Document.Operations.Single(o => o is { Method: "POST", Path: "/v1/courses" });
        var world = await World.Create(fixture, tutor);
        var body = new SampleRequests(fixture.Document).BodyOf(operation, world);
        var key = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Send(operation, world, tutor, key, body)));

        answers.ShouldAllBe(a => a.Status == 201);
        answers.Select(a => a.Location).Distinct().Count().ShouldBe(1);
    }

    async Task<(int Status, string Body, string? Location)> Send(ApiOperation operation, World world, Person caller, string key, JsonNode? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(world.AddressOf(operation), UriKind.Relative));
        request.Headers.Authorization = caller.Authorization;
        request.Headers.Add("Idempotency-Key", key);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await fixture.Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location?.ToString());
    }

    /// <summary>An answer without what names the single request.</summary>
    static string Comparable((int Status, string Body, string? Location) answer)
    {
        if (answer.Status < 400 || JsonNode.Parse(answer.Body) is not JsonObject problem) return $"{answer.Status} {answer.Location} {answer.Body}";
        problem.Remove("traceId");
        return $"{answer.Status} {problem.ToJsonString()}";
    }
}
