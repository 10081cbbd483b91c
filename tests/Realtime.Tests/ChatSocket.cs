using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using EdTech.Gateway;
using EdTech.Testing;

namespace EdTech.Realtime.Tests;

/// <summary>A client of the hub that speaks SignalR's JSON protocol itself, so that it can also speak it wrongly.</summary>
sealed class ChatSocket : IAsyncDisposable
{
    const char End = '\u001e';
    readonly ClientWebSocket _socket;
    readonly List<JsonElement> _frames = [];
    readonly Dictionary<string, TaskCompletionSource<JsonElement>> _calls = new(StringComparer.Ordinal);
    readonly Task _reading;
    int _lastCall;

    ChatSocket(ClientWebSocket socket, bool reads)
    {
        _socket = socket;
        _reading = reads ? Read() : Task.CompletedTask;
    }

    /// <summary>Whether the gateway has ended it.</summary>
    public bool IsClosed => _reading.IsCompleted;

    public static async Task<ChatSocket> Connect(Uri gateway, string token, bool reads = true)
    {
        var socket = new ClientWebSocket();
        var address = new UriBuilder(gateway) { Scheme = "ws", Path = RealtimeSetup.Path, Query = $"access_token={Uri.EscapeDataString(token)}" };
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var narrow = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, ct) =>
            {
                var tcp = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                if (!reads) tcp.ReceiveBufferSize = 4096;
                await tcp.ConnectAsync(context.DnsEndPoint, ct);
                return new System.Net.Sockets.NetworkStream(tcp, ownsSocket: true);
            },
        });
        await socket.ConnectAsync(address.Uri, narrow, deadline.Token);
        var client = new ChatSocket(socket, reads);
        await client.Say("""{"protocol":"json","version":1}""");
        // A call is answered only after the gateway has finished with the connection's beginning.
        if (reads) await client.Settled();
        return client;
    }

    /// <summary>Calls a method of the hub; a refusal throws its code.</summary>
    public async Task<JsonElement> Invoke(string method, params object?[] arguments)
    {
        var id = Interlocked.Increment(ref _lastCall).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_calls) _calls[id] = answer;
        await Say(JsonSerializer.Serialize(new { type = 1, invocationId = id, target = method, arguments }, JsonSerializerOptions.Web));
        await Task.WhenAny(answer.Task, _reading).WaitAsync(TimeSpan.FromSeconds(20));
        if (!answer.Task.IsCompleted) throw new ChatRefusal("closed");
        var completion = await answer.Task;
        if (completion.TryGetProperty("error", out var error)) throw new ChatRefusal(error.GetString()!);
        return completion.TryGetProperty("result", out var result) ? result : default;
    }

    public async Task Say(string text)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text + End), WebSocketMessageType.Text, true, deadline.Token);
    }

    /// <summary>Waits for a frame of this type and takes it away.</summary>
    public async Task<JsonElement> Frame(string type, Func<JsonElement, bool>? where = null)
    {
        JsonElement found = default;
        await WorkerUnderTest.Until(() => TryTake(type, where, out found), $"a frame '{type}' has come");
        return found;
    }

    /// <summary>Whether such a frame has come until now.</summary>
    public bool Has(string type, Func<JsonElement, bool>? where = null)
    {
        lock (_frames) return _frames.Exists(f => Is(f, type, where));
    }

    /// <summary>The code that the gateway gives as it ends the connection.</summary>
    public async Task<string> Ended()
    {
        await WorkerUnderTest.Until(() => IsClosed, "the gateway ends the connection");
        return TryTake("closing", null, out var closing) ? closing.GetProperty("arguments")[0].GetProperty("code").GetString()! : "";
    }

    async Task Settled()
    {
        try
        {
            await Invoke("Typing", Guid.Empty);
        }
        catch (ChatRefusal)
        {
            // nobody is a member there: it was asked only to be answered
        }
    }

    bool TryTake(string type, Func<JsonElement, bool>? where, out JsonElement found)
    {
        lock (_frames)
        {
            var index = _frames.FindIndex(f => Is(f, type, where));
            found = index < 0 ? default : _frames[index];
            if (index >= 0) _frames.RemoveAt(index);
            return index >= 0;
        }
    }

    static bool Is(JsonElement frame, string type, Func<JsonElement, bool>? where)
        => frame.GetProperty("target").GetString() == type && (where is null || where(frame.GetProperty("arguments")[0]));

    async Task Read()
    {
        var buffer = new byte[16 * 1024];
        var text = new StringBuilder();
        var decoder = Encoding.UTF8.GetDecoder();
        var chars = new char[buffer.Length];
        try
        {
            while (_socket.State is WebSocketState.Open)
            {
                var received = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close) return;
                text.Append(chars, 0, decoder.GetChars(buffer, 0, received.Count, chars, 0));
                for (var end = text.ToString().IndexOf(End, StringComparison.Ordinal); end >= 0; end = text.ToString().IndexOf(End, StringComparison.Ordinal))
                {
                    Take(JsonDocument.Parse(text.ToString(0, end)).RootElement);
                    text.Remove(0, end + 1);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // ended
        }
    }

    void Take(JsonElement message)
    {
        switch (message.TryGetProperty("type", out var type) ? type.GetInt32() : 0)
        {
            case 1:
                lock (_frames) _frames.Add(message);
                break;
            case 3:
                TaskCompletionSource<JsonElement>? call;
                lock (_calls) _calls.Remove(message.GetProperty("invocationId").GetString()!, out call);
                call?.TrySetResult(message);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }
}

/// <summary>What the hub answered instead of doing it: <c>code: sentence</c> after SignalR's own words.</summary>
sealed class ChatRefusal(string error) : Exception(error)
{
    public string Code { get; } = error.Split("HubException: ", 2)[^1].Split(": ", 2)[0];
}
