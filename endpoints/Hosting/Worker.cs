using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Hosting;

/// <summary>What one endpoint is made of. Filled in by the endpoint, run by <see cref="WorkerHost"/>.</summary>
public sealed class Worker
{
    /// <summary>Describes an endpoint. Handlers and sagas are all those of <paramref name="assembly"/>, its schema the embedded <c>Schema/*.sql</c>.</summary>
    /// <param name="name">Two dotted segments, <c>EdTech.Users</c>: the queue's name. No name may be a dotted suffix of another.</param>
    /// <param name="assembly">Where handlers, sagas and schema are found.</param>
    public Worker(string name, Assembly assembly)
    {
        Name = name;
        Assembly = assembly;
    }

    /// <summary>The endpoint's name and queue.</summary>
    public string Name { get; }

    /// <summary>The last segment in lower case: <c>users</c>. Names the database (<c>edtech_users</c>) and the settings (<c>EDTECH_USERS_URL</c>).</summary>
    public string ShortName => Name[(Name.LastIndexOf('.') + 1)..].ToLowerInvariant();

    /// <summary>Where handlers, sagas and schema are found.</summary>
    public Assembly Assembly { get; }

    /// <summary>Messages handled at the same time.</summary>
    public int Concurrency { get; set; } = 8;

    /// <summary>Up to this many waiting messages share a commit. 1 where handlers lock shared rows in free order.</summary>
    public int BatchSize { get; set; } = 1;

    /// <summary>Tries in a row before a message is put aside; fewer when much fails at once and a delayed retry is to come (<see cref="RetryBudget"/>).</summary>
    public int ImmediateRetries { get; set; } = 5;

    /// <summary>After how long, or up to a fifth sooner, a message that was put aside is tried again; past the last it goes to the error queue.</summary>
    public IReadOnlyList<TimeSpan> DelayedRetries { get; set; } = [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30)];

    /// <summary>More waiting messages than this are told to ServiceControl as a failure.</summary>
    public int QueueLagLimit { get; set; } = 10_000;

    /// <summary>How long a handled message is remembered, and its reply kept.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(7);

    internal Func<ReadOnlyMemory<byte>, string?>? OrderKey { get; private set; }

    /// <summary>
    /// Messages whose bodies have the same key are handled one after another, in the queue's order; others in parallel, up to <see cref="Concurrency"/>.
    /// Holds within one instance: two of them share the queue without order.
    /// </summary>
    /// <param name="key">Reads the key from a body; null where it has none. Must not throw.</param>
    public Worker InOrderOf(Func<ReadOnlyMemory<byte>, string?> key)
    {
        OrderKey = key;
        return this;
    }

    /// <summary>Which types of the assembly count; for tests, which hold several endpoints in one.</summary>
    internal Func<Type, bool> Among { get; init; } = _ => true;

    internal WorkerStorage Storage { get; private set; }

    internal bool HasTable { get; private set; }

    /// <summary>
    /// Keeps inbox, outbox, sagas and the handlers' own items in the endpoint's DynamoDB table (<see cref="IMessageHandlerContext.Items"/>) instead of
    /// PostgreSQL; queries inject <see cref="DynamoTable"/>. Handlers take no locks: one whose reads have changed before it could write runs again.
    /// </summary>
    public Worker OnDynamoDb()
    {
        Storage = WorkerStorage.DynamoDb;
        HasTable = true;
        return this;
    }

    /// <summary>
    /// Remembers nothing: for an endpoint whose handlers (<see cref="IHandleOutsideCalls{T}"/> only) hand on under an id of the message's own, so that a
    /// repeat is recognised where it arrives. Each message is handled at least once, requests too: their replies are not kept.
    /// There is neither a database nor an <see cref="ITransactionalSession"/>.
    /// </summary>
    /// <param name="table">Whether a <see cref="DynamoTable"/> is made for what the endpoint keeps by other ways than messages; the bus keeps nothing in it.</param>
    public Worker WithoutStorage(bool table = false)
    {
        Storage = WorkerStorage.None;
        HasTable = table;
        return this;
    }

    internal List<Action<IServiceCollection>> ServiceSetups { get; } = [];

    internal List<Action<IEndpointRouteBuilder>> QuerySetups { get; } = [];

    /// <summary>Registers what handlers and queries inject.</summary>
    public Worker Services(Action<IServiceCollection> setup)
    {
        ServiceSetups.Add(setup);
        return this;
    }

    /// <summary>Maps the internal API: each route answers only callers that hold the platform's service key.</summary>
    public Worker Queries(Action<IEndpointRouteBuilder> setup)
    {
        QuerySetups.Add(setup);
        return this;
    }
}

/// <summary>Where an endpoint keeps what it knows.</summary>
enum WorkerStorage
{
    PostgreSql,
    DynamoDb,
    None,
}
