using System.Collections.Concurrent;
using EdTech.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EdTech.Hosting;

/// <summary>What a program that only sends and asks (the gateway, a tool) listens to on its own instance's queue.</summary>
public sealed class SessionSubscriptions
{
    internal Dictionary<Type, List<Func<object, Task>>> ByType { get; } = [];

    /// <summary>Calls back for each event of this type, at least once and only while this instance runs: for caches, not for state.</summary>
    public SessionSubscriptions On<TEvent>(Func<TEvent, Task> callback)
        where TEvent : IEvent
    {
        if (!ByType.TryGetValue(typeof(TEvent), out var callbacks))
        {
            ByType[typeof(TEvent)] = callbacks = [];
        }

        callbacks.Add(e => callback((TEvent)e));
        return this;
    }
}

/// <summary>Registers <see cref="IMessageSession"/> in programs that are not workers.</summary>
public static class MessageSessionSetup
{
    /// <summary>
    /// A send-and-ask session named <paramref name="name"/>. Replies and subscribed events come to a queue of this instance alone
    /// (<c>name-instance</c>, where the instance is <c>EDTECH_INSTANCE</c>, else the machine's name).
    /// </summary>
    public static IServiceCollection AddMessageSession(this IServiceCollection services, IConfiguration configuration, string name, Action<IServiceProvider, SessionSubscriptions>? subscribe = null)
    {
        services.AddSingleton<MessageSession>(provider =>
        {
            var subscriptions = new SessionSubscriptions();
            subscribe?.Invoke(provider, subscriptions);
            return new MessageSession(configuration, name, subscriptions, provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILogger<MessageSession>>());
        });
        services.AddSingleton<IMessageSession>(p => p.GetRequiredService<MessageSession>());
        services.AddSingleton<IMessageSessionHealth>(p => p.GetRequiredService<MessageSession>());
        services.AddHostedService(p => p.GetRequiredService<MessageSession>());
        return services;
    }
}

/// <summary>Whether a session can send and receive now.</summary>
public interface IMessageSessionHealth
{
    /// <summary>Connected, and its queue is consumed.</summary>
    bool IsReady { get; }
}

sealed class MessageSession : BackgroundService, IMessageSession, IMessageSessionHealth
{
    static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LateReply = TimeSpan.FromSeconds(10);
    readonly ConcurrentDictionary<string, Waiter> _waiting = new(StringComparer.Ordinal);
    readonly MessageTypes _types = new();
    readonly Topology _topology = new();
    readonly SessionSubscriptions _subscriptions;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly HostIdentity _host;
    readonly Broker _broker;
    readonly Publisher _publisher;
    IChannel? _channel;

    public MessageSession(IConfiguration configuration, string name, SessionSubscriptions subscriptions, TimeProvider time, ILogger logger)
    {
        _subscriptions = subscriptions;
        _time = time;
        _logger = logger;
        _host = HostIdentity.Of(name, $"{name}-{configuration["EDTECH_INSTANCE"] ?? Environment.MachineName}", configuration);
        _broker = new Broker(new Uri(configuration.Required("EDTECH_RABBITMQ")), _host.Address, logger);
        _publisher = new Publisher(_broker, _types, _topology, logger);
    }

    public bool IsReady => _channel is { IsOpen: true } && _broker.IsOpen;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        do
        {
            try
            {
                if (_channel is null || (_channel is { IsOpen: false, CloseReason.Initiator: ShutdownInitiator.Peer } && (await _broker.Connection("MessagePump", stoppingToken)).IsOpen))
                {
                    await Consume(stoppingToken);
                }
            }
            catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException)
            {
                _logger.LogWarning("{Address} cannot be consumed yet: {Reason}", _host.Address, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task Consume(CancellationToken ct)
    {
        var connection = await _broker.Connection("MessagePump", ct);
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }

        var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await Topology.DeclareInstanceAddress(channel, _host.Address, ct);
        foreach (var type in _subscriptions.ByType.Keys)
        {
            await _topology.Subscribe(channel, type, _host.Address, ct);
        }

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => Receive(IncomingMessage.From(delivery, _time.GetUtcNow()));
        // Replies are kept by their endpoint and events only refresh caches: nothing is lost by not acknowledging.
        await channel.BasicConsumeAsync(_host.Address, autoAck: true, consumer, ct);
        _channel = channel;
    }

    async Task Receive(IncomingMessage message)
    {
        try
        {
            if (message.Headers.GetValueOrDefault(Headers.EnclosedMessageTypes) is not { } enclosed || _types.Resolve(enclosed) is not { } type)
            {
                _logger.LogWarning("{Address} received a message of a type that it does not know: {Types}", _host.Address, message.Headers.GetValueOrDefault(Headers.EnclosedMessageTypes));
                return;
            }

            var body = _types.Deserialize(message.Body, type);
            if (message.Headers.GetValueOrDefault(Headers.MessageIntent) == "Reply")
            {
                if (message.Headers.GetValueOrDefault(Headers.CorrelationId) is { } correlation && _waiting.TryRemove(correlation, out var waiter))
                {
                    waiter.Reply.TrySetResult(body);
                    waiter.Settled?.Invoke();
                }

                return;
            }

            foreach (var callback in _subscriptions.ByType.Where(e => e.Key.IsInstanceOfType(body)).SelectMany(e => e.Value))
            {
                await callback(body);
            }
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "{Address} could not use message {MessageId}", _host.Address, message.MessageId);
        }
    }

    public Task Send(ICommand command, SendOptions? options = null, CancellationToken cancellationToken = default)
        => Publish(OutgoingMessage.Create(_types, _host, command, Delivery.ToAddress, EndpointNames.OwnerOf(command.GetType()), null, _time.GetUtcNow(), options), cancellationToken);

    public Task Publish(IEvent @event, CancellationToken cancellationToken = default)
        => Publish(OutgoingMessage.Create(_types, _host, @event, Delivery.ToSubscribers, MessageTypes.ExchangeOf(@event.GetType()), null, _time.GetUtcNow()), cancellationToken);

    public async Task<object?> Request(ICommand command, RequestOptions options, CancellationToken cancellationToken = default)
    {
        var message = OutgoingMessage.Create(_types, _host, command, Delivery.ToAddress, EndpointNames.OwnerOf(command.GetType()), null, _time.GetUtcNow(), new SendOptions(MessageId: options.MessageId));
        // Two requests under one id may wait at the same time: the answer is told apart by the attempt, not by the message.
        var correlation = message.Id.ToString();
        message.Headers[Headers.CorrelationId] = correlation;
        message.Headers[Headers.Request] = "True";
        message.Headers[Headers.Actor] = options.ActorId.ToString();
        if (options.RequestHash is { } hash)
        {
            message.Headers[Headers.RequestHash] = hash;
        }

        var waiter = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[correlation] = new Waiter(waiter, options.Settled);
        Telemetry.Ask(_host.Endpoint, 1);
        var confirmed = Publish(message, cancellationToken);
        try
        {
            if (options.Timeout <= TimeSpan.Zero)
            {
                await confirmed;
                return null;
            }

            // The answer may overtake the broker's confirm, and says more.
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var expired = Task.Delay(options.Timeout, _time, timeout.Token);
            var first = await Task.WhenAny(waiter.Task, confirmed, expired);
            if (first == confirmed)
            {
                await confirmed;
                first = await Task.WhenAny(waiter.Task, expired);
            }

            cancellationToken.ThrowIfCancellationRequested();
            await timeout.CancelAsync();
            if (first == waiter.Task)
            {
                return await waiter.Task;
            }

            await confirmed;
            return null;
        }
        finally
        {
            Telemetry.Ask(_host.Endpoint, -1);
            // Taken by the broker, or perhaps: whoever counts what waits at the endpoint counts it until the reply.
            if (options.Settled is not null && !confirmed.IsFaulted && _waiting.ContainsKey(correlation))
            {
                _ = SettleLater(correlation);
            }
            else
            {
                Settle(correlation);
            }
        }
    }

    async Task SettleLater(string correlation)
    {
        await Task.Delay(LateReply, _time);
        Settle(correlation);
    }

    void Settle(string correlation)
    {
        if (_waiting.TryRemove(correlation, out var waiter))
        {
            waiter.Settled?.Invoke();
        }
    }

    async Task Publish(OutgoingMessage message, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(SendTimeout);
        try
        {
            await _publisher.Publish(message, _time.GetUtcNow(), timeout.Token);
        }
        catch (PublishReturnException e)
        {
            throw new BrokerUnavailableException($"No queue {message.Destination} exists yet: was the endpoint ever started?", e);
        }
        catch (PublishException e)
        {
            throw new BrokerUnavailableException($"The broker refused message {message.MessageId} to {message.Destination}.", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new BrokerUnavailableException($"The broker did not take message {message.MessageId} within {SendTimeout.TotalSeconds} s.", e);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }

        await _publisher.DisposeAsync();
        await _broker.DisposeAsync();
    }

    sealed record Waiter(TaskCompletionSource<object> Reply, Action? Settled);
}
