using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdTech.Testing;

/// <summary>A line to a server that can be cut, be silent, or lose the answer to a request that the server has done.</summary>
public sealed class FragileLine : IAsyncDisposable
{
    readonly IPEndPoint _server;
    readonly Lock _lock = new();
    readonly HashSet<Socket> _open = [];
    TcpListener _listener;
    string? _losing;
    int _lose;

    /// <param name="server">Where the server listens; its host is an IP address.</param>
    public FragileLine(Uri server)
    {
        _server = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        _listener = new TcpListener(IPAddress.Loopback, Infrastructure.FreePort()); // one that nobody takes while the line is cut
        _listener.Start();
        Address = new UriBuilder(server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _ = Accept(_listener);
    }

    /// <summary>The same address, but through the line.</summary>
    public Uri Address { get; }

    /// <summary>Loses the next answers to requests that contain this text.</summary>
    public void Lose(int answers, string to)
    {
        _losing = to;
        _lose = answers;
    }

    /// <summary>Takes requests and passes none on.</summary>
    public bool Silent { get; set; }

    /// <summary>Breaks all connections and takes no new ones.</summary>
    public void Cut()
    {
        _listener.Stop();
        lock (_lock)
        {
            foreach (var socket in _open)
            {
                socket.Dispose();
            }

            _open.Clear();
        }
    }

    /// <summary>Takes connections again.</summary>
    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Address.Port);
        _listener.Start();
        _ = Accept(_listener);
    }

    async Task Accept(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                lock (_lock)
                {
                    _open.Add(client);
                    _open.Add(server);
                }

                _ = Carry(client, server);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    async Task Carry(Socket client, Socket server)
    {
        var loses = false;
        try
        {
            await server.ConnectAsync(_server);
            await Task.WhenAny(Pump(client, server, asked: true), Pump(server, client, asked: false));
        }
        catch (SocketException)
        {
            // The server is away: so is the line to it.
        }
        finally
        {
            client.Dispose();
            server.Dispose();
            lock (_lock)
            {
                _open.Remove(client);
                _open.Remove(server);
            }
        }

        async Task Pump(Socket from, Socket to, bool asked)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                int read;
                while ((read = await from.ReceiveAsync(buffer)) > 0)
                {
                    if (asked && _lose > 0 && Encoding.Latin1.GetString(buffer, 0, read).Contains(_losing!, StringComparison.Ordinal))
                    {
                        loses = Interlocked.Decrement(ref _lose) >= 0;
                    }

                    if (!asked && loses)
                    {
                        return;
                    }

                    if (asked && Silent)
                    {
                        continue;
                    }

                    for (var sent = 0; sent < read;)
                    {
                        sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // One end is gone, the other follows.
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }
}
