using System.Net;
using System.Net.Sockets;
using Amazon;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Microsoft.Extensions.Configuration;

namespace EdTech.Hosting;

/// <summary>DynamoDB is away or overloaded, and stayed so through the client's own retries. A write may have been made nevertheless.</summary>
public sealed class DynamoUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The SDK's client with our time-outs, and with one exception for everything that passes by itself: the SDK has a dozen, some of them .NET's own,
/// which say nothing about whose connection it was.
/// </summary>
sealed class DynamoClient : AmazonDynamoDBClient
{
    DynamoClient(AmazonDynamoDBConfig config)
        : base(config)
    {
    }

    DynamoClient(AWSCredentials credentials, AmazonDynamoDBConfig config)
        : base(credentials, config)
    {
    }

    /// <summary>From <c>EDTECH_DYNAMODB</c> (a server's URL) with <c>EDTECH_DYNAMODB_KEY</c> and <c>EDTECH_DYNAMODB_SECRET</c>; without them, what the SDK finds: AWS itself.</summary>
    public static DynamoClient From(IConfiguration configuration)
    {
        var region = configuration["AWS_REGION"] is { Length: > 0 } named ? named : "us-east-1";
        var config = new AmazonDynamoDBConfig { Timeout = TimeSpan.FromSeconds(4), MaxErrorRetry = 2, RetryMode = RequestRetryMode.Standard };
        if (configuration["EDTECH_DYNAMODB"] is { Length: > 0 } url)
        {
            config.ServiceURL = url;
            config.AuthenticationRegion = region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return configuration["EDTECH_DYNAMODB_KEY"] is { Length: > 0 } key
            ? new DynamoClient(new BasicAWSCredentials(key, configuration.Required("EDTECH_DYNAMODB_SECRET")), config)
            : new DynamoClient(config);
    }

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.AddHandler(new OutageHandler());
    }

    sealed class OutageHandler : PipelineHandler
    {
        public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            try
            {
                return await base.InvokeAsync<T>(executionContext);
            }
            catch (Exception e) when (IsOutage(e) && !executionContext.RequestContext.CancellationToken.IsCancellationRequested)
            {
                throw new DynamoUnavailableException($"DynamoDB did not do {executionContext.RequestContext.RequestName}: {e.Message}", e);
            }
        }

        static bool IsOutage(Exception e) => e switch
        {
            ProvisionedThroughputExceededException or RequestLimitExceededException or InternalServerErrorException or TransactionInProgressException => true,
            AmazonServiceException s when s.StatusCode >= HttpStatusCode.InternalServerError || s.ErrorCode is "ThrottlingException" or "Throttling" => true,
            HttpRequestException or SocketException or IOException or TimeoutException or OperationCanceledException or WebException => true,
            AmazonServiceException or AmazonClientException => e.InnerException is { } inner && IsOutage(inner),
            _ => false,
        };
    }
}
