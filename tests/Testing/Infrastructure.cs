using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Confluent.Kafka;
using Npgsql;

namespace EdTech.Testing;

/// <summary>The running servers (PostgreSQL, RabbitMQ, Redis, Kafka, DynamoDB, mail catcher), and a corner of them for one test assembly.</summary>
public sealed class Infrastructure : IAsyncDisposable
{
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(20) };
    readonly Func<string, string> _setting;

    Infrastructure(string prefix, Func<string, string> setting)
    {
        Prefix = prefix;
        _setting = setting;
        RabbitMq = new UriBuilder(setting("EDTECH_RABBITMQ")) { Path = "/" + prefix }.Uri.ToString();
    }

    /// <summary>Prefix of databases, tables and topics, and name of the virtual host: unique per run.</summary>
    public string Prefix { get; }

    /// <summary>AMQP address including the virtual host.</summary>
    public string RabbitMq { get; }

    /// <summary>Makes the virtual host. Databases are made by the workers.</summary>
    /// <param name="setting">Where the servers are; the environment's unless a test has servers of its own.</param>
    public static async Task<Infrastructure> Reserve(Func<string, string>? setting = null)
    {
        var prefix = $"t{Guid.NewGuid():N}"[..14];
        var infrastructure = new Infrastructure(prefix, setting ?? Setting);
        await infrastructure.Manage(HttpMethod.Put, $"/api/vhosts/{prefix}", "{}");
        return infrastructure;
    }

    /// <summary>The settings by which a program finds this corner of the servers.</summary>
    public IEnumerable<string> Args =>
    [
        $"--EDTECH_RABBITMQ={RabbitMq}",
        $"--EDTECH_POSTGRES={_setting("EDTECH_POSTGRES")}",
        $"--EDTECH_REDIS={_setting("EDTECH_REDIS")}",
        $"--EDTECH_SMTP={_setting("EDTECH_SMTP")}",
        $"--EDTECH_DATABASE_PREFIX={Prefix}",
        $"--EDTECH_KAFKA={_setting("EDTECH_KAFKA")}",
        $"--EDTECH_TOPIC_PREFIX={Prefix}",
        .. KafkaAdmin is { } admin ? new[] { $"--EDTECH_KAFKA_ADMIN={admin}" } : [],
        $"--EDTECH_DYNAMODB={_setting("EDTECH_DYNAMODB")}",
        $"--EDTECH_DYNAMODB_KEY={_setting("EDTECH_DYNAMODB_KEY")}",
        $"--EDTECH_DYNAMODB_SECRET={_setting("EDTECH_DYNAMODB_SECRET")}",
    ];

    /// <summary>Where topics of the embedded broker are made; null on a real Kafka.</summary>
    public string? KafkaAdmin
    {
        get
        {
            try
            {
                return _setting("EDTECH_KAFKA_ADMIN");
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }

    /// <summary>A setting of the environment that <c>ops/stack env</c> prints.</summary>
    public static string Setting(string name)
        => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"{name} is not set. Run the tests by ops/test, or `source` the env file that ops/stack up names.");

    /// <summary>
    /// A port that was free a moment ago, below those that the kernel gives to outgoing connections: of those, one may be taken by any connection
    /// before the program that shall listen on it does.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(23_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                continue; // somebody's
            }
        }
    }

    /// <summary>Calls RabbitMQ's management API in this virtual host's broker.</summary>
    public async Task<string> Manage(HttpMethod method, string path, string? json = null)
    {
        var uri = new UriBuilder(_setting("EDTECH_RABBITMQ_MANAGEMENT"));
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, new Uri($"{uri.Scheme}://{uri.Host}:{uri.Port}{path}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.UnescapeDataString(uri.UserName)}:{Uri.UnescapeDataString(uri.Password)}")));
            if (json is not null)
            {
                request.Content = new StringContent(json, Encoding.UTF8, "application/json");
            }

            using var response = await Http.SendAsync(request);
            // Its lists fail while a queue of theirs is going away, another test's virtual host for instance.
            if (response.StatusCode == HttpStatusCode.InternalServerError && attempt < 10)
            {
                await Task.Delay(100 * attempt);
                continue;
            }

            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync();
        }
    }

    /// <summary>Removes the virtual host and this run's databases, tables and topics.</summary>
    public async ValueTask DisposeAsync()
    {
        await Manage(HttpMethod.Delete, $"/api/vhosts/{Prefix}");
        var admin = new NpgsqlConnectionStringBuilder(_setting("EDTECH_POSTGRES")) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(admin.ConnectionString);
        await connection.OpenAsync();
        var databases = new List<string>();
        await using (var list = new NpgsqlCommand("SELECT datname FROM pg_database WHERE starts_with(datname, @prefix)", connection))
        {
            list.Parameters.AddWithValue("prefix", Prefix);
            await using var reader = await list.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                databases.Add(reader.GetString(0));
            }
        }

        foreach (var database in databases)
        {
            await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE)", connection);
            await drop.ExecuteNonQueryAsync();
        }

        await DeleteTables();
        await DeleteTopics();
    }

    async Task DeleteTables()
    {
        using var dynamo = new AmazonDynamoDBClient(
            new BasicAWSCredentials(_setting("EDTECH_DYNAMODB_KEY"), _setting("EDTECH_DYNAMODB_SECRET")),
            new AmazonDynamoDBConfig { ServiceURL = _setting("EDTECH_DYNAMODB"), AuthenticationRegion = "us-east-1" });
        var listed = await dynamo.ListTablesAsync(Prefix, 100); // in the order of their names, from here on
        foreach (var table in (listed.TableNames ?? []).Where(t => t.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            await dynamo.DeleteTableAsync(table);
        }
    }

    async Task DeleteTopics()
    {
        if (KafkaAdmin is { } embedded)
        {
            foreach (var topic in (await Http.GetFromJsonAsync<Dictionary<string, int>>(new Uri($"{embedded}/topics?prefix={Prefix}")))!.Keys)
            {
                using var gone = await Http.DeleteAsync(new Uri($"{embedded}/topics/{topic}"));
            }

            return;
        }

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _setting("EDTECH_KAFKA") }).Build();
        var topics = admin.GetMetadata(TimeSpan.FromSeconds(20)).Topics.Select(t => t.Topic).Where(t => t.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        if (topics.Length > 0)
        {
            await admin.DeleteTopicsAsync(topics);
        }
    }
}
