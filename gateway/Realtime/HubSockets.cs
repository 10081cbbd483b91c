using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.SignalR;

namespace EdTech.Gateway;

/// <summary>
/// The WebSockets of this gateway. SignalR's own Redis backplane refuses connections while Redis is away, and a worker cannot publish through it
/// without being a SignalR server itself; so SignalR keeps to this process, and <see cref="FanOut"/> carries frames between processes.
/// </summary>
sealed class HubSockets(ConnectionLimit limit, ILogger<DefaultHubLifetimeManager<ChatHub>> log, TimeProvider time) : DefaultHubLifetimeManager<ChatHub>(log)
{
    readonly ConcurrentDictionary<string, HubSocket> _sockets = new(StringComparer.Ordinal);
    readonly Dictionary<Guid, List<HubSocket>> _people = [];
    readonly Lock _gate = new();

    public IEnumerable<HubSocket> All => _sockets.Values;

    /// <summary>Who is connected here.</summary>
    public Guid[] People
    {
        get
        {
            lock (_gate) return [.. _people.Keys];
        }
    }

    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        var socket = new HubSocket(connection, time);
        _sockets[connection.ConnectionId] = socket;
        HubTelemetry.Open.Add(1);
        bool fewHere;
        lock (_gate)
        {
            if (!_people.TryGetValue(socket.By.Id, out var own)) _people[socket.By.Id] = own = [];
            own.Add(socket);
            fewHere = own.Count <= ConnectionLimit.MaxPerPerson;
        }

        if (fewHere && await limit.MayHave(socket)) return;
        socket.Close("connection.too_many", "You are connected too many times. Close another window or device.");
    }

    public override async Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        if (_sockets.TryRemove(connection.ConnectionId, out var socket))
        {
            lock (_gate)
            {
                if (_people.TryGetValue(socket.By.Id, out var own) && own.Remove(socket) && own.Count == 0) _people.Remove(socket.By.Id);
            }

            HubTelemetry.Open.Add(-1);
            socket.Dispose();
            await limit.Leave(socket);
        }

        await base.OnDisconnectedAsync(connection);
    }

    public bool TryFind(string connectionId, [NotNullWhen(true)] out HubSocket? socket) => _sockets.TryGetValue(connectionId, out socket);

    public HubSocket[] Of(Guid account)
    {
        lock (_gate) return _people.TryGetValue(account, out var own) ? [.. own] : [];
    }

    public bool IsHere(Guid account)
    {
        lock (_gate) return _people.ContainsKey(account);
    }

    public void PostToAll(SerializedHubMessage frame)
    {
        foreach (var socket in All) socket.Post(frame);
    }
}
