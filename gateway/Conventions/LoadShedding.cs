using System.Collections.Concurrent;

namespace EdTech.Gateway;

/// <summary>
/// What is too much for a worker is turned away with 503 and <c>Retry-After</c> before anything was done for it. Each worker has places of its own for reads,
/// for synchronous writes and for commands, so that one that is slow takes none from the others. A command keeps its place until the worker has answered it,
/// also when its caller waits no longer: what waits in the worker's queue is what has a place here.
/// </summary>
sealed class WorkerLoads(TimeProvider time)
{
    static readonly TimeSpan SoonForReads = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan SoonForWrites = TimeSpan.FromMilliseconds(300);
    readonly ConcurrentDictionary<string, LoadLimit> _limits = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<Endpoint, LoadLimit> _ofOperations = new();

    public LoadLimit Reads(string worker) => _limits.GetOrAdd($"{worker} reads", static (_, time) => new(SoonForReads, time), time);

    public LoadLimit Writes(string worker) => _limits.GetOrAdd($"{worker} writes", static (_, time) => new(SoonForWrites, time), time);

    public LoadLimit Commands(string owner) => _limits.GetOrAdd($"{owner} commands", static (_, time) => new(SoonForWrites, time), time);

    /// <summary>A place for this request; null, and a problem is written, when there is none.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limit">Of what it asks for.</param>
    /// <param name="always">Whether the operation needs one for each request, so that the next ones can be turned away at the door.</param>
    public async ValueTask<LoadLimit.Place?> Take(HttpContext http, LoadLimit limit, bool always)
    {
        var operation = http.GetEndpoint();
        if (always && operation is not null && !_ofOperations.ContainsKey(operation)) _ofOperations[operation] = limit;
        // A caller's time counts from its arrival, but not the time that it takes to send a body.
        var since = HttpMethods.IsGet(http.Request.Method) ? http.Features.Get<Arrival>()?.At : null;
        var place = limit.Take(operation?.Metadata.GetMetadata<NeverShed>() is not null, since);
        if (place is null) await Problems.WriteOverloadedAsync(http);
        return place;
    }

    /// <summary>Whether a request for this operation would find no place anyway.</summary>
    public bool IsTooMuch(Endpoint operation) => _ofOperations.TryGetValue(operation, out var limit) && limit.IsFull && operation.Metadata.GetMetadata<NeverShed>() is null;
}

/// <summary>Turns away at the door, before token, counting and body have cost anything.</summary>
sealed class LoadShedding(RequestDelegate next, WorkerLoads loads, TimeProvider time)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is { } operation && loads.IsTooMuch(operation)) return Problems.WriteOverloadedAsync(http);
        http.Features.Set(new Arrival(time.GetTimestamp()));
        return next(http);
    }
}

sealed record Arrival(long At);

/// <summary>The decision that an operation is taken whatever the load is, because it ends something: nobody may have to stay signed in.</summary>
sealed class NeverShed
{
    public static NeverShed Instance { get; } = new();
}
