using System.Reflection;
using System.Runtime.InteropServices;

namespace EdTech.KafkaHost;

/// <summary>The functions of librdkafka's mock cluster (rdkafka_mock.h, experimental: of the version that Directory.Packages.props pins), and of libc for its sockets.</summary>
static unsafe partial class Librdkafka
{
    const string Library = "librdkafka";
    const int ProducerType = 0;
    const int ErrorTextSize = 512;
    const int SolSocket = 1;
    const int SoAcceptConn = 30;
    const int AfInet = 2;

    // The first wants libsasl2.so.3, which Debian has not; the package brings builds for others, and the client library falls back in the same way.
    static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

    static Librdkafka() => NativeLibrary.SetDllImportResolver(typeof(Librdkafka).Assembly, Resolve);

    public static string Version => Marshal.PtrToStringUTF8(rd_kafka_version_str())!;

    public static nint NewClient()
    {
        var error = stackalloc byte[ErrorTextSize];
        var client = rd_kafka_new(ProducerType, rd_kafka_conf_new(), error, ErrorTextSize);
        return client != 0 ? client : throw new InvalidOperationException($"librdkafka made no client: {Marshal.PtrToStringUTF8((nint)error)}");
    }

    /// <summary>The descriptor of this process on which it listens at a port.</summary>
    public static int? ListenerOn(int port)
    {
        foreach (var link in Directory.EnumerateFiles("/proc/self/fd"))
        {
            var descriptor = int.Parse(Path.GetFileName(link), System.Globalization.CultureInfo.InvariantCulture);
            int listening = 0, size = sizeof(int);
            if (LocalPort(descriptor) == port && getsockopt(descriptor, SolSocket, SoAcceptConn, &listening, &size) == 0 && listening != 0)
            {
                return descriptor;
            }
        }

        return null;
    }

    static int LocalPort(int descriptor)
    {
        var address = stackalloc byte[128];
        var size = 128;
        return getsockname(descriptor, address, &size) == 0 && *(ushort*)address == AfInet ? (address[2] << 8) | address[3] : -1;
    }

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (var build in Builds)
        {
            if (NativeLibrary.TryLoad(build, assembly, path, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException($"None of {string.Join(", ", Builds)} can be loaded here.");
    }

    [LibraryImport(Library)]
    private static partial nint rd_kafka_version_str();

    [LibraryImport(Library)]
    private static partial nint rd_kafka_conf_new();

    [LibraryImport(Library)]
    private static partial nint rd_kafka_new(int type, nint configuration, byte* error, nuint errorSize);

    [LibraryImport(Library)]
    public static partial void rd_kafka_destroy(nint client);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_mock_cluster_new(nint client, int brokers);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_cluster_destroy(nint cluster);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_set_controller_id(nint cluster, int broker);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_group_initial_rebalance_delay_ms(nint cluster, int milliseconds);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rd_kafka_mock_topic_create(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rd_kafka_mock_topic_delete(nint cluster, string topic);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void rd_kafka_mock_broker_set_host_port(nint cluster, int broker, string host, int port);

    [LibraryImport(Library)]
    public static partial int rd_kafka_mock_broker_set_down(nint cluster, int broker);

    [LibraryImport(Library)]
    public static partial int rd_kafka_mock_broker_set_up(nint cluster, int broker);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial int getsockname(int descriptor, byte* address, int* size);

    [LibraryImport("libc")]
    private static partial int getsockopt(int descriptor, int level, int option, int* value, int* size);
}
