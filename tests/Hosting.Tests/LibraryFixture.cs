using EdTech.Hosting;
using EdTech.Library;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(EdTech.Hosting.Tests.LibraryFixture))]

namespace EdTech.Hosting.Tests;

public sealed class LibraryFixture : IAsyncLifetime
{
    public WorkerUnderTest Worker { get; private set; } = null!;

    public DynamoTable Table => Worker.Host.Services.GetRequiredService<DynamoTable>();

    public async ValueTask InitializeAsync()
    {
        Worker = await WorkerUnderTest.Start("library", LibraryEndpoint.Build);
        await Worker.Probe.Listen("error");
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();

    public Task<int> Lent(Guid bookId) => Books.Lent(Table, bookId);
}
