using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Npgsql;
using StackExchange.Redis;

namespace EdTech.Hosting;

/// <summary>Tells a server that is away from work that cannot be done: the one is waited for, the other is tried a few times.</summary>
static class Outages
{
    static readonly HashSet<string> Throttled = new(StringComparer.Ordinal)
    {
        "ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded", "InternalServerError", "ServiceUnavailable",
    };

    public static bool Is(Exception exception) => exception switch
    {
        PostgresException p => p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections,
        NpgsqlException n => n.InnerException is SocketException or IOException or TimeoutException,
        DynamoUnavailableException => true,
        AmazonServiceException a => a.StatusCode is default(HttpStatusCode) or >= HttpStatusCode.InternalServerError || Throttled.Contains(a.ErrorCode ?? ""),
        AmazonClientException => true,
        RedisConnectionException or RedisTimeoutException => true,
        StreamUnavailableException or BrokerUnavailableException => true,
        HttpRequestException h => h.StatusCode is null or >= HttpStatusCode.InternalServerError,
        TaskCanceledException { InnerException: TimeoutException } => true,
        SocketException => true,
        AggregateException many => many.InnerExceptions.Count > 0 && many.InnerExceptions.All(Is),
        OperationCanceledException or ObjectDisposedException => false,
        _ => exception.InnerException is { } inner && Is(inner),
    };
}
