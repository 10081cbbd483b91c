using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EdTech.Hosting;

/// <summary>Publishes with confirms, many in flight, on one channel that is opened again when the broker closed it.</summary>
sealed class Publisher(Broker broker, MessageTypes types, Topology topology, ILogger logger) : IAsyncDisposable
{
    static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(15);
    readonly SemaphoreSlim _gate = new(1, 1);
    readonly ConcurrentDictionary<string, bool> _addresses = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, bool> _delayBindings = new(StringComparer.Ordinal);
    IChannel? _confirming;
    IChannel? _plain;

    /// <summary>Done when the broker has taken responsibility for the message.</summary>
    /// <exception cref="PublishException">Nobody listens at the address, or the broker refused.</exception>
    public async Task Publish(OutgoingMessage message, DateTimeOffset now, CancellationToken ct)
    {
        var channel = await Channel(confirms: true, ct);
        if (message.Delivery == Delivery.ToSubscribers)
        {
            await topology.DeclareEvent(channel, message.EventType ?? TypeOf(message), ct);
        }
        else
        {
            await DeclareExchange(channel, message.Destination, ct);
        }

        var properties = PropertiesOf(message.Headers);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(ConfirmTimeout);
        try
        {
            if (message.DeliverAt is { } due && due > now)
            {
                var (exchange, key, seconds) = DelayLevels.Route(due - now, message.Destination);
                properties.Headers![Headers.DelayInSeconds] = seconds;
                if (!_delayBindings.ContainsKey(message.Destination))
                {
                    await DelayLevels.BindAddress(channel, message.Destination, ct);
                    _delayBindings[message.Destination] = true;
                }

                await channel.BasicPublishAsync(exchange, key, mandatory: true, properties, message.Body, timeout.Token);
                return;
            }

            await channel.BasicPublishAsync(message.Destination, "", mandatory: message.Delivery == Delivery.ToAddress, properties, message.Body, timeout.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new BrokerUnavailableException($"The broker did not confirm message {message.MessageId} to {message.Destination} within {ConfirmTimeout.TotalSeconds} s.");
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException)
        {
            throw new BrokerUnavailableException($"The channel closed while message {message.MessageId} to {message.Destination} was sent: {e.Message}", e);
        }
    }

    /// <summary>
    /// Hands an answer to the broker without waiting for a confirm: it is kept in the inbox, so whoever misses it can ask again. Goes to the
    /// queue by its name, because publishing to the exchange of a gateway that is gone for good would close the channel.
    /// </summary>
    public async Task PublishReply(string address, Dictionary<string, string> headers, byte[] body, CancellationToken ct)
    {
        try
        {
            var channel = await Channel(confirms: false, ct);
            await channel.BasicPublishAsync("", address, mandatory: false, PropertiesOf(headers), body, ct);
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException or BrokerUnavailableException)
        {
            logger.LogInformation("The reply to {MessageId} could not be sent now; it is kept for whoever asks again.", headers.GetValueOrDefault(Headers.RelatedTo));
        }
    }

    /// <summary>Sends a ready-made message (error and audit copies, reports) to an address and waits for the confirm.</summary>
    /// <exception cref="PublishException">There is no queue at the address, or it takes no more.</exception>
    public async Task Forward(string address, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, TimeSpan? expiration, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(ConfirmTimeout);
        var properties = PropertiesOf(headers);
        properties.MessageId ??= Guid.CreateVersion7().ToString(); // Reports carry their id as a property only.
        if (expiration is { } lives)
        {
            properties.Expiration = ((long)lives.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        try
        {
            var channel = await Channel(confirms: true, timeout.Token);
            await DeclareExchange(channel, address, timeout.Token);
            await channel.BasicPublishAsync(address, "", mandatory: true, properties, body, timeout.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new BrokerUnavailableException($"The broker did not confirm message {properties.MessageId} to {address} within {ConfirmTimeout.TotalSeconds} s.");
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException)
        {
            throw new BrokerUnavailableException($"The channel closed while message {properties.MessageId} was sent to {address}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Publishing to an exchange that is not there closes the channel under everybody's confirms. With the exchange and without a queue behind it,
    /// a message is returned, and only it fails.
    /// </summary>
    async Task DeclareExchange(IChannel channel, string address, CancellationToken ct)
    {
        if (!_addresses.ContainsKey(address))
        {
            await channel.ExchangeDeclareAsync(address, ExchangeType.Fanout, durable: true, cancellationToken: ct);
            _addresses[address] = true;
        }
    }

    public static BasicProperties PropertiesOf(IReadOnlyDictionary<string, string> headers)
    {
        var table = new Dictionary<string, object?>(headers.Count + 2, StringComparer.Ordinal);
        foreach (var (key, value) in headers)
        {
            table[key] = value;
        }

        var properties = new BasicProperties
        {
            MessageId = headers.GetValueOrDefault(Headers.MessageId),
            Persistent = !headers.ContainsKey(Headers.NonPersistent),
            ContentType = headers.GetValueOrDefault(Headers.ContentType) ?? "application/octet-stream",
            Headers = table,
        };
        table.Remove(Headers.NonPersistent);
        if (headers.GetValueOrDefault(Headers.EnclosedMessageTypes) is { } enclosed)
        {
            var comma = enclosed.AsSpan().IndexOfAny(',', ';');
            properties.Type = comma < 0 ? enclosed : enclosed[..comma];
        }

        if (headers.GetValueOrDefault(Headers.CorrelationId) is { } correlation)
        {
            properties.CorrelationId = correlation;
        }

        if (headers.GetValueOrDefault(Headers.ReplyToAddress) is { } replyTo)
        {
            properties.ReplyTo = replyTo;
        }

        return properties;
    }

    Type TypeOf(OutgoingMessage message)
        => types.Resolve(message.Headers[Headers.EnclosedMessageTypes])
            ?? throw new InvalidOperationException($"Event {message.MessageId} of type {message.Headers[Headers.EnclosedMessageTypes]} waits in the outbox, but this program does not know the type. Deploy a version that does.");

    async Task<IChannel> Channel(bool confirms, CancellationToken ct)
    {
        if ((confirms ? _confirming : _plain) is { IsOpen: true } open)
        {
            return open;
        }

        await _gate.WaitAsync(ct);
        try
        {
            var channel = confirms ? _confirming : _plain;
            if (channel is { IsOpen: true })
            {
                return channel;
            }

            var connection = await broker.Connection("Publish", ct);
            if (!connection.IsOpen)
            {
                throw new BrokerUnavailableException("The connection to the broker is down; it is being recovered.");
            }

            if (channel is not null)
            {
                await channel.DisposeAsync();
            }

            topology.Forget();
            _addresses.Clear();
            _delayBindings.Clear();
            channel = await connection.CreateChannelAsync(new CreateChannelOptions(
                publisherConfirmationsEnabled: confirms,
                publisherConfirmationTrackingEnabled: confirms,
                outstandingPublisherConfirmationsRateLimiter: null), ct);
            return confirms ? _confirming = channel : _plain = channel;
        }
        catch (Exception e) when (e is AlreadyClosedException or OperationInterruptedException)
        {
            throw new BrokerUnavailableException("The connection to the broker went down.", e);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in new[] { _confirming, _plain })
        {
            if (channel is not null)
            {
                await channel.DisposeAsync();
            }
        }

        _gate.Dispose();
    }
}
