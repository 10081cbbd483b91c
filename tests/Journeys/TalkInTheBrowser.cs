using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Testing;
using Microsoft.Playwright;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>Two people talk on the chat page, each in a browser of their own: one loads the page anew in the middle, one loses the network, and neither misses or doubles a word.</summary>
public sealed class TalkInTheBrowser(PlatformFixture fixture) : IAsyncLifetime
{
    static readonly string[] Arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    IPlaywright _playwright = null!;
    IBrowser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = Arguments, Timeout = 60_000 });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    [Fact]
    public async Task Two_people_talk_and_neither_misses_or_doubles_a_word()
    {
        var (anna, ben) = (await Person.Register(fixture.Platform), await Person.Register(fixture.Platform));
        var annas = await Open(anna, 1100, 760);
        var bens = await Open(ben, 390, 780);

        await annas.GetByLabel("Write to somebody, by their id").FillAsync(ben.Id.ToString());
        await annas.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await Write(annas, "Which is larger, a half or a third?");
        await Assertions.Expect(bens.Locator("#conversations .badge")).ToHaveTextAsync("1");
        await Picture(bens, "list-on-a-phone");
        await bens.Locator("#conversations button").ClickAsync();
        await Sees(bens, "Which is larger, a half or a third?");
        await Assertions.Expect(annas.Locator(".tick").Last).ToHaveTextAsync("read");

        await bens.GetByLabel("Message", new() { Exact = true }).PressSequentiallyAsync("A half");
        await Assertions.Expect(annas.Locator("#typing")).ToContainTextAsync("is typing");
        await bens.Keyboard.PressAsync("Enter");
        await Sees(annas, "A half");
        await Assertions.Expect(annas.Locator("#talk-presence")).ToHaveTextAsync("online");

        // What is changed, taken back and answered is so for both.
        var question = annas.Locator(".message").First;
        await question.HoverAsync();
        await question.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await annas.GetByLabel("Message", new() { Exact = true }).FillAsync("Which is larger, 1/2 or 1/3?");
        await annas.Keyboard.PressAsync("Enter");
        await Sees(bens, "Which is larger, 1/2 or 1/3?");
        await bens.Locator(".message").First.GetByRole(AriaRole.Button, new() { Name = "Thumbs up" }).ClickAsync();
        await Assertions.Expect(annas.Locator(".reactions button")).ToHaveTextAsync("👍 1");
        await Write(bens, "This one goes away");
        await Sees(annas, "This one goes away");
        await bens.Locator(".message").Last.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(annas.Locator(".message").Last).ToContainTextAsync("taken away");
        await Assertions.Expect(annas.Locator("#conversations")).Not.ToContainTextAsync("This one goes away");
        await Picture(annas, "talk-on-a-desk");
        await Picture(bens, "talk-on-a-phone");

        // One loads the page anew while the other goes on.
        var reload = bens.ReloadAsync();
        for (var i = 1; i <= 5; i++) await Write(annas, $"Meanwhile {i}");
        await reload;
        for (var i = 1; i <= 5; i++) await Sees(bens, $"Meanwhile {i}");

        // One loses the network, writes all the same, and misses nothing.
        await bens.Context.SetOfflineAsync(true);
        await Assertions.Expect(bens.Locator("#connection")).ToHaveTextAsync("not connected");
        await Write(bens, "Written without a network");
        for (var i = 1; i <= 5; i++) await Write(annas, $"While you were away {i}");
        await Picture(bens, "without-a-network");
        await bens.Context.SetOfflineAsync(false);
        for (var i = 1; i <= 5; i++) await Sees(bens, $"While you were away {i}");
        await Sees(annas, "Written without a network");

        string[] heard = [.. (await Texts(annas)), "|", .. await Texts(bens)];
        (await Texts(bens)).ShouldBe(await Texts(annas), customMessage: string.Join('\n', heard));
        (await Texts(annas)).Count.ShouldBe(14);
        var conversation = (await anna.Get("/v1/conversations"))["items"]!.AsArray().Single();
        conversation!["messageCount"]!.GetValue<long>().ShouldBe(14);
    }

    async Task<IPage> Open(Person person, int width, int height)
    {
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, Locale = "en-GB", TimezoneId = "Europe/Berlin" });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        var faults = new List<string>();
        page.PageError += (_, error) => faults.Add(error);
        page.Console += (_, message) =>
        {
            // A policy that the page itself breaks is told nowhere else.
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal)) faults.Add(message.Text);
        };
        await page.GotoAsync($"{fixture.Platform.Url}chat/");
        await page.GetByLabel("Mail address").FillAsync(person.Email);
        await page.GetByLabel("Password").FillAsync(person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.Locator("#connection")).ToHaveTextAsync("connected", new() { Timeout = 30_000 });
        faults.ShouldBeEmpty();
        return page;
    }

    static async Task Write(IPage page, string text)
    {
        await page.GetByLabel("Message", new() { Exact = true }).FillAsync(text);
        await page.Keyboard.PressAsync("Enter");
    }

    static Task Sees(IPage page, string text)
        => Assertions.Expect(page.Locator(".message .text").GetByText(text, new() { Exact = true })).ToHaveCountAsync(1, new() { Timeout = 30_000 });

    static Task<IReadOnlyList<string>> Texts(IPage page) => page.Locator(".message .text").AllTextContentsAsync();

    static Task Picture(IPage page, string name)
        => page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "pictures", $"{name}.png") });
}
