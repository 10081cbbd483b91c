using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdTech.KafkaHost;

/// <summary>
/// One Kafka broker on a port of our choice: librdkafka's mock cluster, which speaks the real protocol to any client and keeps everything in memory.
/// Enough to develop and test on; not a Kafka: no disk, no replicas, no transactions, no time-based retention, no topic administration over the protocol.
/// </summary>
sealed class DevelopmentBroker : IDisposable
{
    const int Broker = 1;

    // Each join of a group waits this long for others; the library's 3 s are felt at every start.
    const int RebalanceDelayMilliseconds = 100;

    readonly Lock _lock = new();
    readonly ConcurrentDictionary<string, int> _topics = new(StringComparer.Ordinal);
    readonly int _port;
    readonly int _ephemeral;
    readonly nint _client;
    readonly nint _cluster;
    bool _down;

    public DevelopmentBroker(int port)
    {
        _port = port;
        _client = Librdkafka.NewClient();
        _cluster = Librdkafka.rd_kafka_mock_cluster_new(_client, 1);
        if (_cluster == 0)
        {
            throw new InvalidOperationException("librdkafka made no mock cluster.");
        }

        var bootstrap = Marshal.PtrToStringUTF8(Librdkafka.rd_kafka_mock_cluster_bootstraps(_cluster))!;
        _ephemeral = int.Parse(bootstrap[(bootstrap.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        ListenOnOurPort();
        Librdkafka.rd_kafka_mock_group_initial_rebalance_delay_ms(_cluster, RebalanceDelayMilliseconds);
        Librdkafka.rd_kafka_mock_set_controller_id(_cluster, Broker); // without one every admin client waits for it
    }

    /// <summary>Topics made through <see cref="CreateTopic"/> and how many partitions they have.</summary>
    public IReadOnlyDictionary<string, int> Topics => _topics;

    /// <summary>Makes a topic. One that exists stays as it is.</summary>
    /// <returns>False when there was one already, with whatever partitions.</returns>
    public bool CreateTopic(string name, int partitions)
    {
        lock (_lock)
        {
            if (_topics.ContainsKey(name))
            {
                return false;
            }

            var error = Librdkafka.rd_kafka_mock_topic_create(_cluster, name, partitions, 1);
            _topics[name] = partitions;
            return error == 0; // a client's first word of a topic makes it as well
        }
    }

    /// <summary>Forgets a topic and what it holds.</summary>
    public bool DeleteTopic(string name)
    {
        lock (_lock)
        {
            _topics.TryRemove(name, out _);
            return Librdkafka.rd_kafka_mock_topic_delete(_cluster, name) == 0;
        }
    }

    /// <summary>Closes the port and all connections; what is stored stays.</summary>
    public void GoDown()
    {
        lock (_lock)
        {
            if (!_down)
            {
                Check(Librdkafka.rd_kafka_mock_broker_set_down(_cluster, Broker));
                _down = true;
            }
        }
    }

    /// <summary>Listens again.</summary>
    public void ComeUp()
    {
        lock (_lock)
        {
            if (_down)
            {
                Check(Librdkafka.rd_kafka_mock_broker_set_up(_cluster, Broker));
                ListenOnOurPort();
                _down = false;
            }
        }
    }

    public void Dispose()
    {
        Librdkafka.rd_kafka_mock_cluster_destroy(_cluster);
        Librdkafka.rd_kafka_destroy(_client);
    }

    /// <summary>
    /// The library binds a port of the system's choice. It knows its socket by the descriptor's number alone, so another socket under that number,
    /// listening where we want, is served in its place.
    /// </summary>
    void ListenOnOurPort()
    {
        var descriptor = Librdkafka.ListenerOn(_ephemeral) ?? Librdkafka.ListenerOn(_port)
            ?? throw new InvalidOperationException("The mock cluster's listening socket was not found.");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, _port));
        socket.Listen(512);
        if (Librdkafka.dup2((int)socket.Handle, descriptor) < 0)
        {
            throw new InvalidOperationException($"dup2 failed with {Marshal.GetLastPInvokeError()}.");
        }

        Librdkafka.rd_kafka_mock_broker_set_host_port(_cluster, Broker, "127.0.0.1", _port);
    }

    static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"librdkafka answered {error}.");
        }
    }
}
