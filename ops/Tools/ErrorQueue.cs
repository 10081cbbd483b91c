using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Headers = EdTech.Hosting.Headers;

namespace EdTech.Tools;

/// <summary>
/// The endpoints' error queue. What is read is held without acknowledging and goes back to its place when this is disposed or dies. A message that is
/// sent back leaves the queue only when the broker has it in the other one: a kill in between leaves it in both, under one id, which the endpoint's
/// inbox handles once.
/// </summary>
sealed class ErrorQueue : IAsyncDisposable
{
    const string Name = "error";
    const int DefaultDeliveryLimitSince4 = 20;
    const int EnoughDeliveries = 1_000;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    // What ServiceControl takes off as well when it retries; and what brokers and clients add on the way.
    static readonly string[] OfTheFailure = [Headers.Retries, Headers.FailedQ, Headers.TimeOfFailure, "NServiceBus.ExceptionInfo.", "ServiceControl.EditOf", "x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count", "x-dotnet-pub-seq-no"];
    readonly IConnection _connection;
    readonly IChannel _reading;
    readonly IChannel _sending;
    readonly SortedSet<ulong> _held = [];
    readonly HashSet<string> _there = new(StringComparer.Ordinal);

    ErrorQueue(IConnection connection, IChannel reading, IChannel sending)
    {
        _connection = connection;
        _reading = reading;
        _sending = sending;
    }

    /// <summary>How many messages waited when it was read.</summary>
    public long Length { get; private set; }

    /// <summary>Whether another program takes messages out of it.</summary>
    public bool IsConsumed { get; private set; }

    public static async Task<ErrorQueue> Open(Uri amqp, CancellationToken ct)
    {
        var factory = new ConnectionFactory { Uri = amqp, AutomaticRecoveryEnabled = false };
        var connection = await factory.CreateConnectionAsync("ops/errors", ct);
        try
        {
            await RefuseWhereReadingDeletes(connection, factory.VirtualHost, ct);
            return new ErrorQueue(
                connection,
                await connection.CreateChannelAsync(cancellationToken: ct),
                await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The oldest messages, in the queue's order.</summary>
    public async Task<IReadOnlyList<FailedMessage>> Read(int most, CancellationToken ct)
    {
        QueueDeclareOk queue;
        try
        {
            queue = await _reading.QueueDeclarePassiveAsync(Name, ct);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            throw new UsageException("There is no error queue on this broker: no endpoint was ever started on it.");
        }

        Length = queue.MessageCount;
        IsConsumed = queue.ConsumerCount > 0;
        var read = new List<FailedMessage>();
        // Not beyond the number of the beginning: what fails meanwhile is for the next time.
        while (read.Count < Math.Min(most, Length) && await _reading.BasicGetAsync(Name, autoAck: false, ct) is { } got)
        {
            _held.Add(got.DeliveryTag);
            read.Add(new FailedMessage(got.DeliveryTag, new BasicProperties(got.BasicProperties), got.Body.ToArray()));
        }

        return read;
    }

    /// <summary>Sends messages to where they failed. Each comes with the reason why it stays, or null.</summary>
    public async Task<IReadOnlyList<(FailedMessage Message, string? Reason)>> SendBack(IReadOnlyList<FailedMessage> messages, CancellationToken ct)
    {
        foreach (var destination in messages.Select(m => m.Destination).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            await Look(destination, ct);
        }

        var outcomes = await Task.WhenAll(messages.Select(m => SendBack(m, ct)));
        foreach (var (message, _) in outcomes.Where(o => o.Reason is null))
        {
            await _reading.BasicAckAsync(message.Tag, multiple: false, ct);
            _held.Remove(message.Tag);
        }

        return outcomes;
    }

    async Task<(FailedMessage Message, string? Reason)> SendBack(FailedMessage message, CancellationToken ct)
    {
        if (message.Destination is not { } destination)
        {
            return (message, $"it has no header {Headers.FailedQ} that says where it failed");
        }

        if (!_there.Contains(destination))
        {
            return (message, $"there is no {destination} on this broker: start the endpoint first");
        }

        var properties = message.Properties;
        properties.MessageId = message.Id;
        properties.Headers = properties.Headers?.Where(h => !OfTheFailure.Any(f => h.Key.StartsWith(f, StringComparison.Ordinal))).ToDictionary(StringComparer.Ordinal);
        try
        {
            await _sending.BasicPublishAsync(destination, "", mandatory: true, properties, message.Body, ct).AsTask().WaitAsync(Patience, ct);
            return (message, null);
        }
        catch (PublishException e)
        {
            return (message, e.IsReturn ? $"{destination} has no queue" : $"{destination} takes no more");
        }
        catch (TimeoutException)
        {
            return (message, $"the broker did not confirm it within {Patience.TotalSeconds} s; it may have arrived nevertheless");
        }
    }

    /// <summary>Publishing to an exchange that is not there would close the channel under the other messages.</summary>
    async Task Look(string destination, CancellationToken ct)
    {
        if (_there.Contains(destination))
        {
            return;
        }

        await using var channel = await _connection.CreateChannelAsync(cancellationToken: ct);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(destination, ct);
            _there.Add(destination);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return;
        }
    }

    /// <summary>
    /// A quorum queue counts how often a message came back, and deletes it beyond its limit: from RabbitMQ 4 on after 20 times, unless a policy says more.
    /// </summary>
    static async Task RefuseWhereReadingDeletes(IConnection connection, string virtualHost, CancellationToken ct)
    {
        var version = Encoding.UTF8.GetString(connection.ServerProperties?["version"] as byte[] ?? []);
        int? limit = int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major >= 4 ? DefaultDeliveryLimitSince4 : null;
        if (Environment.GetEnvironmentVariable("EDTECH_RABBITMQ_MANAGEMENT") is { Length: > 0 } management)
        {
            var uri = new UriBuilder(management);
            using var http = new HttpClient { Timeout = Patience };
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{uri.Scheme}://{uri.Host}:{uri.Port}/api/queues/{Uri.EscapeDataString(virtualHost)}/{Name}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.UnescapeDataString(uri.UserName)}:{Uri.UnescapeDataString(uri.Password)}")));
            using var response = await http.SendAsync(request, ct);
            if (response.IsSuccessStatusCode && JsonNode.Parse(await response.Content.ReadAsStringAsync(ct)) is { } queue)
            {
                var said = new[] { (queue["arguments"] as JsonObject)?["x-delivery-limit"], (queue["effective_policy_definition"] as JsonObject)?["delivery-limit"] }.OfType<JsonValue>().Select(l => l.GetValue<int>()).ToArray();
                limit = said.Length > 0 ? said.Min() : limit;
            }
        }

        if (limit is >= 0 and < EnoughDeliveries)
        {
            throw new UsageException(
                $"The broker deletes messages of the error queue that were looked at {limit} times, so they are not looked at. Set a policy first: "
                + $"rabbitmqctl set_policy -p {virtualHost} --apply-to quorum_queues nsb.error.delivery-limit '^error$' '{{\"delivery-limit\":100000}}'");
        }
    }

    public async ValueTask DisposeAsync()
    {
        // One by one in their order: what a channel holds when it closes comes back in any.
        foreach (var tag in _reading.IsOpen ? _held : [])
        {
            await _reading.BasicNackAsync(tag, multiple: false, requeue: true);
        }

        await _sending.DisposeAsync();
        await _reading.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

/// <summary>A message of the error queue, with the headers that its endpoint gave it.</summary>
sealed class FailedMessage(ulong tag, BasicProperties properties, byte[] body)
{
    public ulong Tag => tag;

    public BasicProperties Properties => properties;

    public byte[] Body => body;

    public IReadOnlyDictionary<string, string> Headers { get; } = (properties.Headers ?? new Dictionary<string, object?>())
        .ToDictionary(h => h.Key, h => h.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(h.Value, CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal);

    public string Id => Header(Hosting.Headers.MessageId) is { Length: > 0 } id ? id : properties.MessageId ?? "";

    public string Endpoint => Header(Hosting.Headers.ProcessingEndpoint) is { Length: > 0 } endpoint ? endpoint : Header(Hosting.Headers.FailedQ);

    public string Type => Header(Hosting.Headers.EnclosedMessageTypes).Split(',', ';')[0];

    /// <summary>Where a retry goes; null when the message does not say.</summary>
    public string? Destination => Header("ServiceControl.RetryTo") is { Length: > 0 } said ? said : Header(Hosting.Headers.FailedQ) is { Length: > 0 } failed ? failed : null;

    /// <summary>Not a failure: an endpoint tells ServiceControl, through this queue, that a retry went well.</summary>
    public bool IsConfirmation => Headers.ContainsKey(Hosting.Headers.RetrySuccessful);

    /// <summary>The body; null when it is no text.</summary>
    public string? Text
    {
        get
        {
            try
            {
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }
    }

    public string Header(string name) => Headers.GetValueOrDefault(name) ?? "";
}
