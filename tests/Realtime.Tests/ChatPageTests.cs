using System.Net;
using System.Text.RegularExpressions;
using Shouldly;

namespace EdTech.Realtime.Tests;

public sealed partial class ChatPageTests(RealtimeFixture fixture)
{
    [Fact]
    public async Task The_page_and_all_its_files_are_served_under_a_policy_without_inline_script()
    {
        using var http = new HttpClient { BaseAddress = fixture.First };
        using var page = await http.GetAsync(new Uri("/chat/", UriKind.Relative));
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("script-src 'self';");
        policy.ShouldNotContain("unsafe");
        var html = await page.Content.ReadAsStringAsync();
        html.ShouldNotContain("style=");
        Handlers().IsMatch(html).ShouldBeFalse();

        foreach (var file in Links().Matches(html).Select(m => m.Groups["file"].Value).Concat(["api.js", "log.js", "connection.js", "classroom.js", "signalr-LICENSE.txt"]))
        {
            using var answer = await http.GetAsync(new Uri($"/chat/{file}", UriKind.Relative));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, file);
            answer.Headers.ETag.ShouldNotBeNull();
            using var again = new HttpRequestMessage(HttpMethod.Get, new Uri($"/chat/{file}", UriKind.Relative));
            again.Headers.IfNoneMatch.Add(answer.Headers.ETag);
            using var unchanged = await http.SendAsync(again);
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified, file);
        }
    }

    [Theory]
    [InlineData("/chat/../appsettings.json")]
    [InlineData("/chat/..%2f..%2fProgram.cs")]
    [InlineData("/chat/nothing.js")]
    public async Task Nothing_else_is(string path)
    {
        using var http = new HttpClient { BaseAddress = fixture.First };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [GeneratedRegex("(?:href|src)=\"(?<file>[^\":]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Links();

    [GeneratedRegex("<[^>]+ on[a-z]+=", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Handlers();
}
