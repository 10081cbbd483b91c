using System.Text;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class AnswerCacheTests(GatewayFixture fixture)
{
    AnswerCache Answers => fixture.Service<AnswerCache>();

    [Fact]
    public async Task An_answer_is_kept_until_one_of_its_tags_is_evicted()
    {
        var (path, tag) = Fresh();
        (await Ask(path, tag, "first")).ShouldBe("first");
        (await Ask(path, tag, "second")).ShouldBe("first");

        await Answers.Evict(tag);

        (await Ask(path, tag, "third")).ShouldBe("third");
    }

    [Fact]
    public async Task An_answer_that_was_on_its_way_during_an_eviction_is_given_but_not_kept()
    {
        var (path, tag) = Fresh();

        var late = await Answers.Get("learning", path, new Cache(tag), async () =>
        {
            await Answers.Evict(tag);
            return Answer("read before the change");
        });

        Text(late).ShouldBe("read before the change");
        (await Ask(path, tag, "read after the change")).ShouldBe("read after the change");
    }

    [Fact]
    public async Task The_event_of_a_change_evicts_what_the_change_made_worthless()
    {
        var (path, _) = Fresh();
        var course = Guid.CreateVersion7();
        (await Ask(path, CacheEvictions.Course(course), "before")).ShouldBe("before");

        await fixture.Service<IMessageSession>().Publish(new CourseArchived(course, Guid.CreateVersion7(), DateTimeOffset.UtcNow));

        await WorkerUnderTest.Until(async () => await Ask(path, CacheEvictions.Course(course), "after") == "after", "the answer is evicted");
    }

    [Fact]
    public async Task Many_who_want_the_same_at_once_have_it_fetched_once()
    {
        var (path, tag) = Fresh();
        var fetched = 0;
        var go = new TaskCompletionSource();
        var answers = Enumerable.Range(0, 20).Select(_ => Answers.Get("learning", path, new Cache(tag), async () =>
        {
            Interlocked.Increment(ref fetched);
            await go.Task;
            return Answer("one for all");
        })).ToArray();
        go.SetResult();

        (await Task.WhenAll(answers)).ShouldAllBe(a => Text(a) == "one for all");
        fetched.ShouldBe(1);
    }

    [Fact]
    public async Task Failures_are_not_kept()
    {
        var (path, tag) = Fresh();
        await Answers.Get("learning", path, new Cache(tag), () => Task.FromResult<WorkerAnswer?>(new(StatusCodes.Status404NotFound, null, null, null, default)));
        (await Ask(path, tag, "found")).ShouldBe("found");
    }

    static (string Path, string Tag) Fresh() => ($"/internal/{Guid.NewGuid()}", $"tag:{Guid.NewGuid()}");

    async Task<string> Ask(string path, string tag, string fresh) => Text(await Answers.Get("learning", path, new Cache(tag), () => Task.FromResult<WorkerAnswer?>(Answer(fresh))));

    static WorkerAnswer Answer(string text) => new(StatusCodes.Status200OK, "text/plain", null, null, Encoding.UTF8.GetBytes(text));

    static string Text(WorkerAnswer? answer) => Encoding.UTF8.GetString(answer!.Body.Span);
}
