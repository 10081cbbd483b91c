using System.Collections.Immutable;
using System.Text.Json;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>
/// Carries frames from workers and gateways to the WebSockets of this gateway, over Redis publish/subscribe. Why not SignalR's own Redis backplane:
/// it refuses connections while Redis is away, and a worker cannot publish through it. A channel is subscribed once, however many connections listen
/// to it, and given up with the last. Redis loses what it publishes while somebody is away; a probe of our own every second tells whether anything
/// can have been lost, and then every connection is told to resume from the log.
/// </summary>
sealed class FanOut(RedisConnection redis, HubSockets sockets, LatestMessages latest, ILogger<FanOut> log)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, Listening> _channels = new(StringComparer.Ordinal);
    readonly string _probe = $"rt:g:{Guid.NewGuid():N}";
    long _probesSent;
    long _probesHeard;
    int _healthy;
    int _restored;
    int _badFrames;

    /// <summary>Whether frames come.</summary>
    public bool IsHealthy => Volatile.Read(ref _healthy) != 0;

    /// <summary>Has the connection hear these channels; done when Redis has them, or is away.</summary>
    public async Task Listen(HubSocket socket, IEnumerable<string> channels)
    {
        lock (_gate)
        {
            foreach (var channel in channels)
            {
                if (!sockets.TryFind(socket.Id, out _) || !socket.Channels.Add(channel)) continue;
                if (!_channels.TryGetValue(channel, out var listening))
                {
                    _channels[channel] = listening = new Listening(channel);
                    Subscribe(listening);
                }

                listening.Sockets = listening.Sockets.Add(socket);
            }
        }

        // Also when every channel was known: whoever ordered it may still be waiting for Redis.
        await Flushed();
    }

    /// <summary>From now on the connection gets nothing of these channels.</summary>
    public void Drop(HubSocket socket, params IEnumerable<string> channels)
    {
        lock (_gate)
        {
            foreach (var channel in channels)
            {
                if (!socket.Channels.Remove(channel) || !_channels.TryGetValue(channel, out var listening)) continue;
                listening.Sockets = listening.Sockets.Remove(socket);
                if (listening.Sockets.Count > 0) continue;
                _channels.Remove(channel);
                listening.Queue?.Unsubscribe(CommandFlags.FireAndForget);
            }
        }
    }

    public void DropAll(HubSocket socket)
    {
        string[] channels;
        lock (_gate) channels = [.. socket.Channels];
        Drop(socket, channels);
    }

    /// <summary>Joins the conversations that the worker named, but for those that the person has left since it was asked.</summary>
    public Task JoinAll(HubSocket socket, IReadOnlyList<Guid> conversations)
    {
        string[] stale, wanted;
        lock (_gate)
        {
            wanted = [.. conversations.Where(c => !socket.LeftMeanwhile.Contains(c)).Select(RealtimeChannels.Conversation)];
            socket.LeftMeanwhile.Clear();
            stale = [.. socket.Channels.Where(c => c.StartsWith(RealtimeChannels.Conversation(Guid.Empty)[..5], StringComparison.Ordinal)).Except(wanted, StringComparer.Ordinal)];
        }

        Drop(socket, stale);
        return Listen(socket, wanted.Append(RealtimeChannels.Account(socket.By.Id)));
    }

    /// <summary>The person is a member from now on, on all connections.</summary>
    public async Task Join(Guid account, Guid conversation)
    {
        foreach (var socket in sockets.Of(account))
        {
            lock (_gate) socket.LeftMeanwhile.Remove(conversation);
            await Listen(socket, [RealtimeChannels.Conversation(conversation)]);
        }
    }

    /// <summary>The person is a member no longer: nothing of the conversation reaches them any more.</summary>
    public void Leave(Guid account, Guid conversation)
    {
        foreach (var socket in sockets.Of(account))
        {
            lock (_gate) socket.LeftMeanwhile.Add(conversation);
            Drop(socket, RealtimeChannels.Conversation(conversation));
            if (socket.Watched.ConversationId == conversation) Unwatch(socket);
        }
    }

    /// <summary>The connection hears these people come and go, instead of those before.</summary>
    public Task Watch(HubSocket socket, Guid conversation, Guid[] accounts)
    {
        var before = socket.Watched.Accounts;
        socket.Watched = (conversation, accounts);
        Drop(socket, before.Except(accounts).Select(RealtimeChannels.Presence));
        return Listen(socket, accounts.Select(RealtimeChannels.Presence));
    }

    /// <summary>Somebody who listens was told this by an answer, which is no news for the others either.</summary>
    public void Know(Guid account, string status)
    {
        lock (_gate) _channels.GetValueOrDefault(RealtimeChannels.Presence(account))?.Know(status);
    }

    public void Unwatch(HubSocket socket)
    {
        var before = socket.Watched.Accounts;
        socket.Watched = (Guid.Empty, []);
        Drop(socket, before.Select(RealtimeChannels.Presence));
    }

    /// <summary>Tells all gateways' connections. Lost while Redis is away.</summary>
    public Task Publish(string channel, RealtimeFrame frame)
        => redis.Try(async db => await db.PublishAsync(Named(channel), JsonSerializer.SerializeToUtf8Bytes(frame, CommunicationJson.Web.RealtimeFrame)), 0L);

    /// <summary>Tells the connections of this gateway that listen to the channel.</summary>
    public void Deliver(string channel, RealtimeFrame frame)
    {
        Listening? listening;
        lock (_gate) listening = _channels.GetValueOrDefault(channel);
        if (listening is not null) Deliver(listening, frame);
    }

    /// <summary>Once a second: sees whether the last probe has come back, sends the next, and tells connections what follows from it.</summary>
    public async Task Probe()
    {
        if (redis.Subscriber is { } subscriber && _probesSent == 0)
        {
            redis.Restored += (_, _) => Interlocked.Exchange(ref _restored, 1);
            (await subscriber.SubscribeAsync(Named(_probe), CommandFlags.FireAndForget)).OnMessage(m => Interlocked.Exchange(ref _probesHeard, (long)m.Message));
        }

        var heard = _probesSent == 0 || Interlocked.Read(ref _probesHeard) == _probesSent;
        var wasRestored = Interlocked.Exchange(ref _restored, 0) == 1;
        if (IsHealthy && (!heard || wasRestored || redis.Database is null))
        {
            Volatile.Write(ref _healthy, 0);
            sockets.PostToAll(HubFrames.Make(HubFrames.Degraded));
        }
        else if (!IsHealthy && _probesSent > 0 && heard && redis.Database is not null && await Flushed())
        {
            Volatile.Write(ref _healthy, 1);
            sockets.PostToAll(HubFrames.Make(HubFrames.Resume));
        }

        _probesSent++;
        await redis.Try(db => db.PublishAsync(Named(_probe), _probesSent), 0L);
    }

    void Deliver(Listening listening, RedisValue payload)
    {
        RealtimeFrame? frame;
        try
        {
            frame = JsonSerializer.Deserialize((byte[])payload!, CommunicationJson.Web.RealtimeFrame);
        }
        catch (JsonException)
        {
            frame = null;
        }

        if (frame is { Type: FrameTypes.Entries, ConversationId: { } conversation, Entries: { } entries }) latest.Hear(conversation, entries);
        if (frame is { Type: FrameTypes.Entries or FrameTypes.Read or FrameTypes.Typing or FrameTypes.Presence or FrameTypes.Session }) Deliver(listening, frame);
        else if (Interlocked.Exchange(ref _badFrames, 1) == 0) log.LogWarning("A frame on a channel of {Kind} is none that this gateway knows; it and others like it are not delivered.", listening.Channel[..4]);
    }

    static void Deliver(Listening listening, RealtimeFrame frame)
    {
        var listeners = listening.Sockets;
        if (listeners.Count == 0 || (frame.Type == FrameTypes.Presence && !listening.IsNews(frame.Detail))) return;
        var message = HubFrames.Make(frame.Type, frame);
        foreach (var socket in listeners) socket.Post(message);
    }

    /// <summary>Only ordered: on its way to Redis before what is sent after it. While Redis is away the library keeps it for later.</summary>
    void Subscribe(Listening listening)
    {
        if (redis.Subscriber is not { } subscriber) return;
        listening.Queue = subscriber.Subscribe(Named(listening.Channel), CommandFlags.FireAndForget);
        listening.Queue.OnMessage(m => Deliver(listening, m.Message));
    }

    /// <summary>Waits until Redis has every subscription that was ordered before: a ping goes the same way, behind them.</summary>
    async Task<bool> Flushed()
    {
        if (redis.Subscriber is not { } subscriber || redis.Database is null) return false;
        try
        {
            await subscriber.PingAsync();
            return true;
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException or TimeoutException)
        {
            return false; // the probe notices
        }
    }

    RedisChannel Named(string channel) => RedisChannel.Literal(redis.Prefix + channel);

    sealed class Listening(string channel)
    {
        public string Channel { get; } = channel;

        public ChannelMessageQueue? Queue { get; set; }

        public ImmutableHashSet<HubSocket> Sockets { get; set; } = [];

        string? _told;

        /// <summary>Presence is told by whom it concerns and looked after by everybody, but each change once.</summary>
        public bool IsNews(string? status) => !string.Equals(Interlocked.Exchange(ref _told, status), status, StringComparison.Ordinal);

        /// <summary>What somebody was told who asked.</summary>
        public void Know(string status) => Interlocked.CompareExchange(ref _told, status, null);
    }
}
