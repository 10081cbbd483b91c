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

    [Fact]
    public async Task A_class_has_a_group_with_a_past_and_a_live_lesson_that_is_recorded()
    {
        var (anna, ben) = (await Person.Register(fixture.Platform, tutor: true), await Person.Register(fixture.Platform));
        var annas = await Open(anna, 1100, 760);
        var bens = await Open(ben, 390, 780);

        await annas.GetByText("New group").ClickAsync();
        await annas.GetByLabel("Its title").FillAsync("Leaves and light");
        await annas.GetByLabel("The others, by their ids, one on a line").FillAsync(ben.Id.ToString());
        await annas.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Assertions.Expect(annas.Locator("#talk-title")).ToHaveTextAsync("Leaves and light");
        var group = (await anna.Get("/v1/conversations"))["items"]!.AsArray().Single()!["conversationId"]!.GetValue<Guid>();
        await anna.Post($"/v1/conversations/{group}/messages", new { text = "Who knows what photosynthesis needs?" });
        for (var i = 2; i <= 120; i++) await anna.Post($"/v1/conversations/{group}/messages", new { text = $"Leaf {i}" });

        await WorkerUnderTest.Until(async () => (await anna.Get($"/v1/conversations/{group}"))["messageCount"]!.GetValue<long>() == 120, "all are stored");

        // The past comes page by page, as one scrolls up.
        await Assertions.Expect(bens.Locator("#conversations .badge")).ToHaveTextAsync("99+");
        await bens.Locator("#conversations button").ClickAsync();
        await Sees(bens, "Leaf 120");
        await Assertions.Expect(bens.Locator(".message")).ToHaveCountAsync(50);
        foreach (var shown in new[] { 100, 120 })
        {
            await bens.Locator("#scroll").EvaluateAsync("s => { s.scrollTop = 1; s.scrollTop = 0; }");
            await Assertions.Expect(bens.Locator(".message")).ToHaveCountAsync(shown);
        }

        (await Texts(bens))[0].ShouldBe("Who knows what photosynthesis needs?");
        (await Texts(bens)).Skip(1).ShouldBe(Enumerable.Range(2, 119).Select(i => $"Leaf {i}"));

        // Searching leads to the place.
        await annas.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await annas.GetByLabel("Words, or how they begin").FillAsync("photosyn");
        await annas.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await Assertions.Expect(annas.Locator("#found li")).ToHaveCountAsync(1);
        await annas.Locator("#found button").ClickAsync();
        await Assertions.Expect(annas.Locator(".message").First).ToBeInViewportAsync();
        await Sees(annas, "Who knows what photosynthesis needs?");
        await Picture(annas, "search-on-a-desk");

        await Assertions.Expect(annas.Locator("#talk-presence")).ToHaveTextAsync("2 members, 1 other online");
        await bens.GetByLabel("Message", new() { Exact = true }).PressSequentiallyAsync("Light");
        await Assertions.Expect(annas.Locator("#typing")).ToContainTextAsync("is typing");

        // The lesson.
        await anna.Post("/v1/lesson-sessions", new { title = "Leaves, live", startsAt = DateTimeOffset.UtcNow, minutes = 60, studentIds = new[] { ben.Id } });
        await bens.GetByRole(AriaRole.Button, new() { Name = "Back to the list" }).ClickAsync();
        foreach (var page in new[] { annas, bens }) await page.Locator("#conversations button", new() { HasText = "Leaves, live" }).ClickAsync();
        await Press(annas, "Open the room");
        foreach (var page in new[] { annas, bens })
        {
            await Press(page, "Join");
            await Press(page, "Agree to be recorded");
        }

        await Shows(annas, "running");
        await Press(annas, "Let share the screen");
        await Shows(bens, "may share the screen");
        await Press(annas, "Record");
        await Shows(bens, "being recorded");
        await Picture(annas, "lesson-on-a-desk");
        await Picture(bens, "lesson-on-a-phone");
        await Press(annas, "Take the screen back");
        await Press(annas, "Stop recording");
        await Shows(bens, "recording is ready");
        await Press(annas, "End the lesson");
        await Shows(bens, "over");

        Task Press(IPage page, string button) => page.Locator("#classroom").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        Task Shows(IPage page, string words) => Assertions.Expect(page.Locator("#classroom")).ToContainTextAsync(words, new() { Timeout = 30_000 });
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
