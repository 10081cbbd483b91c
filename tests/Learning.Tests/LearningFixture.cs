using EdTech.Contracts;
using EdTech.Testing;

[assembly: AssemblyFixture(typeof(EdTech.Learning.Tests.LearningFixture))]

namespace EdTech.Learning.Tests;

/// <summary>The learning endpoint, run once for the whole assembly. Tests make their own ids.</summary>
public sealed partial class LearningFixture : IAsyncLifetime
{
    public WorkerUnderTest Worker { get; private set; } = null!;

    public static Actor Tutor() => new(Guid.CreateVersion7(), ["learn", "courses.author", "courses.publish", "paths.author"]);

    public static Actor Student() => new(Guid.CreateVersion7(), ["learn"]);

    public static Actor Moderator() => new(Guid.CreateVersion7(), ["learn", "courses.moderate"]);

    public async ValueTask InitializeAsync() => Worker = await WorkerUnderTest.Start("learning", LearningEndpoint.Build);

    public ValueTask DisposeAsync() => Worker.DisposeAsync();
}
