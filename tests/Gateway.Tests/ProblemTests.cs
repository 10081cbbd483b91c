using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class ProblemTests(GatewayFixture fixture)
{
    [Theory]
    [InlineData("GET", "/v1/nothing-here", 404, "not_found")]
    [InlineData("POST", "/.well-known/jwks.json", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/operations/abc", 404, "operation.not_found")]
    [InlineData("GET", "/v1/operations/abc?x=a%00b", 400, "request.invalid")]
    public async Task Whatever_goes_wrong_is_told_in_the_same_shape(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        using var answer = await fixture.Http.SendAsync(request);

        var problem = await ProblemOf(answer);
        ((int)answer.StatusCode).ShouldBe(status);
        problem["status"]!.GetValue<int>().ShouldBe(status);
        problem["code"]!.GetValue<string>().ShouldBe(code);
        problem["type"]!.GetValue<string>().ShouldBe($"urn:edtech:problem:{code}");
        problem["traceId"]!.GetValue<string>().ShouldBe("0af7651916cd43dd8448eb211c80319c");
    }

    [Fact]
    public async Task A_request_without_a_token_is_told_what_is_missing()
    {
        using var answer = await fixture.Http.GetAsync(new Uri("/v1/me", UriKind.Relative));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ShouldContain(h => h.Scheme == "Bearer");
        (await ProblemOf(answer))["code"]!.GetValue<string>().ShouldBe("auth.required");
    }

    [Theory]
    [InlineData("{\"title\":\"a\\u0000b\"}", "title", "unstorable_text")]
    [InlineData("{\"title\":\"a\\ud800b\"}", "title", "unstorable_text")]
    [InlineData("{\"title\":", "body", "malformed_json")]
    [InlineData("[1]", "body", "wrong_type")]
    public async Task The_field_at_fault_is_named(string body, string field, string code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/courses", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = (await fixture.SignUp("tutor")).Authorization;

        using var answer = await fixture.Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await ProblemOf(answer))["errors"]!.AsArray().ShouldHaveSingleItem()!;
        error["name"]!.GetValue<string>().ShouldBe(field);
        error["code"]!.GetValue<string>().ShouldBe(code);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_also_when_its_length_is_not_told()
    {
        const int limit = 1024 * 1024;
        var tutor = await fixture.SignUp("tutor");
        foreach (var chunked in new[] { false, true })
        {
            // One byte too many: what is far beyond the limit is not read to its end, and a client that is still writing sees only a broken pipe.
            var title = new string('x', limit + 1 - "{\"title\":\"\"}".Length);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/courses", UriKind.Relative)) { Content = new StringContent($"{{\"title\":\"{title}\"}}", Encoding.UTF8, "application/json") };
            request.Headers.Authorization = tutor.Authorization;
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = !chunked;

            using var answer = await fixture.Http.SendAsync(request);

            answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
            (await ProblemOf(answer))["code"]!.GetValue<string>().ShouldBe("request.too_large");
        }
    }

    static async Task<JsonNode> ProblemOf(HttpResponseMessage answer)
    {
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
