using System.Net;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class ResponseHeaderTests(GatewayFixture fixture)
{
    [Theory]
    [InlineData("/.well-known/jwks.json", HttpStatusCode.OK)]
    [InlineData("/v1/nothing-here", HttpStatusCode.NotFound)]
    [InlineData("/_test_url_cache_", HttpStatusCode.NotFound)]
    public async Task Every_answer_carries_the_security_headers(string path, HttpStatusCode expected)
    {
        using var answer = await fixture.Http.GetAsync(new Uri(path, UriKind.Relative));

        answer.StatusCode.ShouldBe(expected);
        answer.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        answer.Headers.GetValues("X-Frame-Options").Single().ShouldBe("DENY");
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task A_public_answer_that_the_client_has_is_not_sent_again()
    {
        using var first = await fixture.Http.GetAsync(new Uri("/.well-known/jwks.json", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/.well-known/jwks.json", UriKind.Relative));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await fixture.Http.SendAsync(request);

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await second.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Answers_to_somebody_who_is_signed_in_are_not_stored_anywhere()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/me", UriKind.Relative));
        request.Headers.Authorization = (await fixture.SignUp()).Authorization;

        using var answer = await fixture.Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Only_the_origins_of_the_configuration_may_read_answers_in_a_browser()
    {
        using var http = await fixture.AnotherGateway(("EDTECH_CORS_ORIGINS", "https://app.example.test"));

        async Task<bool> Allowed(string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, new Uri("/v1/courses", UriKind.Relative));
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            using var response = await http.SendAsync(request);
            return response.Headers.Contains("Access-Control-Allow-Origin");
        }

        (await Allowed("https://app.example.test")).ShouldBeTrue();
        (await Allowed("https://evil.example.test")).ShouldBeFalse();
    }
}
