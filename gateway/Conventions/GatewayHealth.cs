using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>Live: the process answers. Ready: the broker takes orders and every worker is ready, so that a request can be served.</summary>
static class GatewayHealth
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Text("live")).ExcludeFromDescription();
        app.MapGet("/health/ready", Ready).ExcludeFromDescription();
    }

    static async Task<IResult> Ready(IMessageSessionHealth bus, Draining draining, IHttpClientFactory clients, IConfiguration configuration, CancellationToken ct)
    {
        if (draining.IsDraining) return Results.Text("Asked to stop: what is running is finished.", statusCode: StatusCodes.Status503ServiceUnavailable);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        var workers = await Task.WhenAll(Workers.ShortNames.Select(async worker => (Name: worker, Ready: await IsReady(clients, configuration, worker, patience.Token))));
        string[] away = [.. workers.Where(w => !w.Ready).Select(w => w.Name), .. bus.IsReady ? Array.Empty<string>() : ["broker"]];
        return away.Length == 0 ? Results.Text("ready") : Results.Text($"Not ready: {string.Join(", ", away)}.", statusCode: StatusCodes.Status503ServiceUnavailable);
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
