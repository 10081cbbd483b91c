using System.Collections.Concurrent;
using EdTech.Contracts.Communication;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace EdTech.PlatformTesting;

/// <summary>
/// Somebody's chat program: connected by WebSocket, again when the connection breaks, with a copy of every conversation's log that it keeps complete by
/// asking for what is missing. What it is told that no order of the log could explain is a violation.
/// </summary>
public sealed class ChatClient : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    readonly Person _person;
    readonly Func<Uri> _gateway;
    readonly ConcurrentDictionary<Guid, LogCopy> _logs = new();
    readonly SemaphoreSlim _connecting = new(1);
    readonly CancellationTokenSource _gone = new();
    HubConnection? _hub;

    /// <param name="person">Who.</param>
    /// <param name="gateway">Which gateway to connect to; asked anew at each connection.</param>
    public ChatClient(Person person, Func<Uri> gateway)
    {
        _person = person;
        _gateway = gateway;
    }

    /// <summary>The account.</summary>
    public Guid Id => _person.Id;

    /// <summary>Who it is.</summary>
    public Person Person => _person;

    /// <summary>What this client was told that cannot be.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>What the last call that was tried again failed with.</summary>
    public string LastFailure { get; private set; } = "";

    /// <summary>Why a connection was ended, as the gateway said.</summary>
    public ConcurrentQueue<string> Closings { get; } = new();

    /// <summary>Receipts heard.</summary>
    public ConcurrentQueue<(Guid ConversationId, Guid AccountId, long Sequence)> Receipts { get; } = new();

    /// <summary>Called with each new entry, once and in order.</summary>
    public Action<ChatEntry>? Heard { get; init; }

    /// <summary>The copy of a conversation's log, complete up to its last entry.</summary>
    public IReadOnlyList<ChatEntry> Log(Guid conversation) => Copy(conversation).Snapshot();

    /// <summary>Sends a message until it is acknowledged, always under the same id, whatever breaks.</summary>
    public Task Send(Guid conversation, Guid message, string text, CancellationToken ct)
        => Until(hub => hub.InvokeAsync<MessageAccepted>("Send", new { conversationId = conversation, messageId = message, text }, ct), ct);

    /// <summary>Replaces an own message's text, in the same way.</summary>
    public Task Edit(Guid conversation, Guid record, Guid message, string text, CancellationToken ct)
        => Until(hub => hub.InvokeAsync<MessageAccepted>("Edit", new { conversationId = conversation, recordId = record, messageId = message, text }, ct), ct);

    /// <summary>Says how far this person has read, once: a lost receipt is followed by the next.</summary>
    public async Task Read(Guid conversation, long sequence, CancellationToken ct)
    {
        try
        {
            var hub = await Connected(ct);
            await hub.InvokeAsync("Read", conversation, sequence, ct).WaitAsync(Patience, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // the next one tells more
        }
    }

    /// <summary>Cuts the connection as a tunnel does, without a word.</summary>
    public async Task Drop()
    {
        if (Interlocked.Exchange(ref _hub, null) is { } hub)
        {
            await hub.DisposeAsync();
        }
    }

    /// <summary>Asks for everything after what is here, until there is no more.</summary>
    /// <returns>The conversation's last sequence.</returns>
    public async Task<long> CatchUp(Guid conversation, CancellationToken ct)
    {
        var copy = Copy(conversation);
        while (true)
        {
            EntryPage? page = null;
            await Until(async hub => page = await hub.InvokeAsync<EntryPage>("Resume", conversation, copy.Count, ct), ct);
            Take(conversation, page!.Entries);
            if (!page.More)
            {
                return page.LastSequence;
            }
        }
    }

    /// <summary>Connects, if it is not connected.</summary>
    public async Task<HubConnection> Connected(CancellationToken ct)
    {
        if (_hub is { State: HubConnectionState.Connected } up)
        {
            return up;
        }

        await _connecting.WaitAsync(ct);
        try
        {
            if (_hub is { State: HubConnectionState.Connected } meanwhile)
            {
                return meanwhile;
            }

            await Drop();
            var hub = new HubConnectionBuilder()
                .WithUrl(new Uri(_gateway(), "/hubs/chat"), o =>
                {
                    o.AccessTokenProvider = () => Task.FromResult<string?>(_person.AccessToken);
                    o.Transports = Microsoft.AspNetCore.Http.Connections.HttpTransportType.WebSockets;
                    o.SkipNegotiation = true;
                })
                .Build();
            hub.On<RealtimeFrame>(FrameTypes.Entries, frame =>
            {
                if (!Take(frame.ConversationId!.Value, frame.Entries!))
                {
                    _ = FillGap(frame.ConversationId.Value);
                }
            });
            hub.On<RealtimeFrame>(FrameTypes.Read, frame => Receipts.Enqueue((frame.ConversationId!.Value, frame.AccountId!.Value, frame.Sequence!.Value)));
            hub.On("resume", FillAllGaps);
            hub.On<System.Text.Json.JsonElement>("closing", reason => Closings.Enqueue(reason.GetProperty("code").GetString()!));
            hub.Closed += _ => Reconnect();
            await hub.StartAsync(ct).WaitAsync(Patience, ct);
            _hub = hub;
        }
        finally
        {
            _connecting.Release();
        }

        FillAllGaps();
        return _hub;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await Drop();
        _gone.Dispose();
        _connecting.Dispose();
    }

    async Task Reconnect()
    {
        if (!_gone.IsCancellationRequested)
        {
            await Until(_ => Task.CompletedTask, _gone.Token);
        }
    }

    void FillAllGaps()
    {
        foreach (var conversation in _logs.Keys)
        {
            _ = FillGap(conversation);
        }
    }

    async Task FillGap(Guid conversation)
    {
        try
        {
            await CatchUp(conversation, _gone.Token);
        }
        catch (OperationCanceledException)
        {
            // it has gone
        }
    }

    async Task Until(Func<HubConnection, Task> call, CancellationToken ct)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, _gone.Token);
        for (var attempt = 0; ; attempt++)
        {
            linked.Token.ThrowIfCancellationRequested();
            try
            {
                await call(await Connected(linked.Token)).WaitAsync(Patience, linked.Token);
                return;
            }
            catch (HubException e) when (IsRefusal(e))
            {
                throw;
            }
            catch (Exception e) when (e is not OperationCanceledException || !linked.IsCancellationRequested)
            {
                LastFailure = e.Message;
                await Task.Delay(Math.Min(1_000, 50 << Math.Min(attempt, 5)), linked.Token);
            }
        }
    }

    /// <summary>Whether trying again would be refused again: a rule of the domain, not an outage or a limit of speed.</summary>
    static bool IsRefusal(HubException e)
        => new[] { "message.", "conversation.", "person." }.Any(code => e.Message.Contains(code, StringComparison.Ordinal));

    LogCopy Copy(Guid conversation) => _logs.GetOrAdd(conversation, _ => new LogCopy());

    bool Take(Guid conversation, IReadOnlyList<ChatEntry> entries)
    {
        var copy = Copy(conversation);
        lock (copy)
        {
            foreach (var entry in entries)
            {
                switch (copy.Add(entry))
                {
                    case Added.New:
                        Heard?.Invoke(entry);
                        break;
                    case Added.Contradicts:
                        Violations.Enqueue($"{conversation}: entry {entry.Sequence} is now {entry.Kind} {entry.RecordId}, was {copy[entry.Sequence].RecordId}");
                        break;
                    case Added.AfterGap:
                        return false;
                }
            }
        }

        return true;
    }

    enum Added
    {
        New,
        Known,
        AfterGap,
        Contradicts,
    }

    sealed class LogCopy
    {
        readonly List<ChatEntry> _entries = [];

        public long Count
        {
            get
            {
                lock (this)
                {
                    return _entries.Count;
                }
            }
        }

        public ChatEntry this[long sequence] => _entries[(int)sequence - 1];

        public Added Add(ChatEntry entry)
        {
            if (entry.Sequence == _entries.Count + 1)
            {
                _entries.Add(entry);
                return Added.New;
            }

            if (entry.Sequence > _entries.Count)
            {
                return Added.AfterGap;
            }

            // The text may have been taken away since; who, what and where may not have changed.
            var known = this[entry.Sequence];
            return (known.RecordId, known.Kind, known.AuthorId, known.Number) == (entry.RecordId, entry.Kind, entry.AuthorId, entry.Number) ? Added.Known : Added.Contradicts;
        }

        public List<ChatEntry> Snapshot()
        {
            lock (this)
            {
                return [.. _entries];
            }
        }
    }
}
