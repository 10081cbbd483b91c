using EdTech.Academy;
using EdTech.Contracts;
using EdTech.Contracts.Post;
using EdTech.Post;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class NoStorageTests
{
    [Fact]
    public async Task An_endpoint_without_storage_forwards_and_answers_each_time_it_is_asked()
    {
        await using var worker = await WorkerUnderTest.Start("post", PostEndpoint.Build);
        var letter = Guid.CreateVersion7();
        var id = Guid.CreateVersion7().ToString();

        (await worker.Ask(new ForwardLetter(letter), id)).ShouldBeOfType<Done>();
        (await worker.Ask(new ForwardLetter(letter), id)).ShouldBeOfType<Done>();

        Attempts.Of(letter).ShouldBe(2);
        await WorkerUnderTest.Until(() => worker.Events<LetterForwarded>().Count(e => e.LetterId == letter) == 2, "both events have arrived");
        (await worker.Api().GetStringAsync(new Uri("/health/ready", UriKind.Relative))).ShouldBe("ready");
    }

    [Fact]
    public async Task What_a_failing_handler_sent_does_not_leave()
    {
        await using var worker = await WorkerUnderTest.Start("post", PostEndpoint.Build);
        await worker.Probe.Listen("error");
        var letter = Guid.CreateVersion7();
        _ = worker.Ask(new FailToForward(letter));

        await worker.Probe.Message(m => m.Exchange == "error" && m.Text.Contains(letter.ToString(), StringComparison.Ordinal), "the failed message");

        worker.Events<LetterForwarded>().ShouldNotContain(e => e.LetterId == letter);
    }

    [Fact]
    public async Task An_endpoint_without_storage_may_have_a_table_of_its_own()
    {
        await using var worker = await WorkerUnderTest.Start("post", PostEndpoint.BuildWithTable);
        var table = worker.Host.Services.GetRequiredService<DynamoTable>();

        (await worker.Done(new ForwardLetter(Guid.CreateVersion7()))).ShouldNotBeNull();
        (await table.Get("LETTER", "1", CancellationToken.None)).ShouldBeNull();
        worker.Host.Services.GetService<ITransactionalSession>().ShouldBeNull();
    }

    [Fact]
    public void A_handler_that_expects_a_transaction_is_refused_at_start_where_there_is_none()
        => Should.Throw<InvalidOperationException>(() => WorkerHost.Build(
            new Worker("EdTech.Post", typeof(PostEndpoint).Assembly) { Among = t => t == typeof(GradePaperHandler) }.WithoutStorage(),
            [$"--EDTECH_POST_URL=http://127.0.0.1:{Infrastructure.FreePort()}"])).Message.ShouldContain("GradePaperHandler expects a transaction");

    [Fact]
    public void Batches_are_refused_at_start_where_they_would_not_be_made()
        => Should.Throw<InvalidOperationException>(() => WorkerHost.Build(
            new Worker("EdTech.Library", typeof(PostEndpoint).Assembly) { Among = t => t.Namespace == "EdTech.Library", BatchSize = 16 }.OnDynamoDb(),
            [$"--EDTECH_LIBRARY_URL=http://127.0.0.1:{Infrastructure.FreePort()}"])).Message.ShouldContain("BatchSize");
}
