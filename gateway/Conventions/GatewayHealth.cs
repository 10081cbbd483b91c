using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>Live: the process answers. Ready: the broker takes orders and every worker is ready, so that a request can be served.</summary>
static class GatewayHealth
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Text("live")).ExcludeFromDescription();
        var readiness = new Readiness();
        app.MapGet("/health/ready", readiness.Ready).ExcludeFromDescription();
    }

    /// <summary>
    /// At its start a gateway waits for every worker. Later a worker that is away, or slow for a moment, costs its own requests (503 <c>worker.unavailable</c>), not
    /// those of all others: behind a load balancer every gateway would be taken out at once.
    /// </summary>
    sealed class Readiness
    {
        volatile bool _workersSeen;

        public async Task<IResult> Ready(IMessageSessionHealth bus, Draining draining, IHttpClientFactory clients, IConfiguration configuration, CancellationToken ct)
        {
            if (draining.IsDraining) return Results.Text("Asked to stop: what is running is finished.", statusCode: StatusCodes.Status503ServiceUnavailable);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience);
            var workers = await Task.WhenAll(Workers.ShortNames.Select(async worker => (Name: worker, Ready: await IsReady(clients, configuration, worker, patience.Token))));
            string[] away = [.. workers.Where(w => !w.Ready).Select(w => w.Name)];
            _workersSeen |= away.Length == 0;
            return (bus.IsReady, away) switch
            {
                (true, []) => Results.Text("ready"),
                (true, _) when _workersSeen => Results.Text($"ready, but away: {string.Join(", ", away)}"),
                var (broker, _) => Results.Text($"Not ready: {string.Join(", ", broker ? away : [.. away, "broker"])}.", statusCode: StatusCodes.Status503ServiceUnavailable),
            };
        }
    }

    static async Task<bool> IsReady(IHttpClientFactory clients, IConfiguration configuration, string worker, CancellationToken ct)
    {
        try
        {
            // A client without retries and breaker: the question is how it is now.
            using var client = clients.CreateClient();
            using var response = await client.GetAsync(new Uri(configuration.WorkerUrl(worker), "/health/ready"), ct);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
