using Dapper;
using EdTech.Academy;
using EdTech.Testing;

[assembly: AssemblyFixture(typeof(EdTech.Hosting.Tests.AcademyFixture))]

namespace EdTech.Hosting.Tests;

public sealed class AcademyFixture : IAsyncLifetime
{
    public WorkerUnderTest Worker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Worker = await WorkerUnderTest.Start("academy", AcademyEndpoint.Build);
        await Worker.Probe.Listen("error");
    }

    public ValueTask DisposeAsync() => Worker.DisposeAsync();

    public async Task<int> Papers(Guid paperId)
    {
        await using var connection = await Worker.Db.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM academy.paper WHERE paper_id = @paperId", new { paperId });
    }
}
