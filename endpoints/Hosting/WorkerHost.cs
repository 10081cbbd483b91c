using Microsoft.AspNetCore.Builder;

namespace EdTech.Hosting;

/// <summary>Builds the host that runs a <see cref="Worker"/>: bus, storage, internal API, health, telemetry.</summary>
public static class WorkerHost
{
    /// <summary>Builds without starting. Several hosts can run joined in one process.</summary>
    public static WebApplication Build(Worker worker, string[] args) => throw new NotSupportedException(worker.Name + args.Length);
}
