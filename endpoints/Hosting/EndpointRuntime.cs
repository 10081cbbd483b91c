using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>The parts of one running endpoint that its pump, processor and sweeper share.</summary>
sealed class EndpointRuntime(
    Worker worker,
    HostIdentity host,
    MessageTypes types,
    HandlerRegistry handlers,
    IEndpointStorage storage,
    Broker broker,
    Publisher publisher,
    Topology topology,
    TimeProvider time,
    IServiceScopeFactory scopes,
    ServiceControl serviceControl,
    ILogger<EndpointRuntime> logger)
{
    public Worker Worker => worker;

    public HostIdentity Host => host;

    public MessageTypes Types => types;

    public HandlerRegistry Handlers => handlers;

    public IEndpointStorage Storage => storage;

    public Broker Broker => broker;

    public Publisher Publisher => publisher;

    public Topology Topology => topology;

    public TimeProvider Time => time;

    public IServiceScopeFactory Scopes => scopes;

    public ServiceControl ServiceControl => serviceControl;

    public ILogger Logger => logger;

    public OutboxForgetter Forgetter { get; } = new(storage, logger);
}
