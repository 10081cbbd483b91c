using System.Globalization;
using System.Security.Claims;
using System.Threading.Channels;
using EdTech.Contracts;
using Microsoft.AspNetCore.SignalR;

namespace EdTech.Gateway;

/// <summary>
/// One WebSocket and the person behind it. Frames wait in a queue of its own, so that a client that reads slowly holds up nobody else; whoever lets
/// the queue run full is disconnected, and resumes when it is back.
/// </summary>
sealed class HubSocket : IDisposable
{
    /// <summary>Frames that may wait for one client, besides the 64 KB that its transport holds.</summary>
    public const int QueueLength = 256;

    /// <summary>How long a client may take to read why it is sent away.</summary>
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    readonly HubConnectionContext _connection;
    readonly Channel<SerializedHubMessage> _queue = Channel.CreateBounded<SerializedHubMessage>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    readonly CancellationTokenSource _gone = new();
    int _closing;

    public HubSocket(HubConnectionContext connection, TimeProvider time)
    {
        _connection = connection;
        Take(connection.User);
        Allowance = new HubAllowance(time);
        _ = Pump(_gone.Token);
    }

    public string Id => _connection.ConnectionId;

    public Actor By { get; private set; } = Actor.Anonymous;

    public Guid SessionId { get; private set; }

    public DateTimeOffset IssuedAt { get; private set; }

    /// <summary>When the access token ends, and the connection with it.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    public HubAllowance Allowance { get; }

    /// <summary>Whether the person's conversations are listened to; false until the worker could be asked.</summary>
    public bool Joined { get; set; }

    /// <summary>The channels that this connection listens to, and the conversations that the person left while they were asked for. <see cref="FanOut"/> guards both.</summary>
    public HashSet<string> Channels { get; } = new(StringComparer.Ordinal);

    public HashSet<Guid> LeftMeanwhile { get; } = [];

    /// <summary>Whose presence is watched, and in which conversation.</summary>
    public (Guid ConversationId, Guid[] Accounts) Watched { get; set; } = (Guid.Empty, []);

    public bool IsClosing => Volatile.Read(ref _closing) != 0;

    /// <summary>Goes on with another token of the same account.</summary>
    public void Take(ClaimsPrincipal caller)
    {
        By = new Actor(Guid.Parse(caller.FindFirstValue("sub")!), [.. caller.FindAll("permissions").Select(c => c.Value)]);
        SessionId = caller.SessionId();
        IssuedAt = Seconds(caller, "iat");
        ExpiresAt = Seconds(caller, "exp");
    }

    public void Post(SerializedHubMessage frame)
    {
        if (_queue.Writer.TryWrite(frame) || IsClosing) return;
        // Nothing can be said to a client that does not read.
        if (Interlocked.Exchange(ref _closing, 1) == 0) HubTelemetry.Dropped.Add(_queue.Reader.Count + 1);
        _connection.Abort();
    }

    /// <summary>Ends the connection after what waits for it and the reason are written.</summary>
    public void Close(string code, string message)
    {
        lock (_gone)
        {
            if (Interlocked.Exchange(ref _closing, 1) != 0) return;
            _queue.Writer.TryWrite(HubFrames.MakeClosing(code, message));
            _queue.Writer.TryComplete();
            _gone.CancelAfter(Farewell);
        }
    }

    async Task Pump(CancellationToken gone)
    {
        try
        {
            await foreach (var frame in _queue.Reader.ReadAllAsync(gone))
            {
                await _connection.WriteAsync(frame, gone);
                HubTelemetry.Sent.Add(1);
            }
        }
        catch (OperationCanceledException)
        {
            // it has gone, or does not read
        }

        if (IsClosing) _connection.Abort();
    }

    static DateTimeOffset Seconds(ClaimsPrincipal caller, string claim)
        => DateTimeOffset.FromUnixTimeSeconds(long.TryParse(caller.FindFirstValue(claim), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, 253402300799) : 0);

    public void Dispose()
    {
        lock (_gone)
        {
            Interlocked.Exchange(ref _closing, 1);
            _queue.Writer.TryComplete();
            _gone.Cancel();
            _gone.Dispose();
        }
    }
}

/// <summary>How much one connection may ask: so many calls at once, and so many a second for longer.</summary>
sealed class HubAllowance(TimeProvider time)
{
    const double Burst = 60;
    const double PerSecond = 20;
    readonly Lock _gate = new();
    readonly Dictionary<Guid, long> _typing = [];
    double _left = Burst;
    long _at = time.GetTimestamp();
    int _refused;

    /// <summary>How often it was refused since it last was not.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public bool TryTake()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(Burst, _left + time.GetElapsedTime(_at, now).TotalSeconds * PerSecond);
            _at = now;
            if (_left < 1)
            {
                _refused++;
                return false;
            }

            _left--;
            _refused = 0;
            return true;
        }
    }

    /// <summary>Once in two seconds for each conversation.</summary>
    public bool MayTellTyping(Guid conversation)
    {
        lock (_gate)
        {
            if (_typing.TryGetValue(conversation, out var last) && time.GetElapsedTime(last) < TimeSpan.FromSeconds(2)) return false;
            if (_typing.Count >= 50) _typing.Clear();
            _typing[conversation] = time.GetTimestamp();
            return true;
        }
    }
}
