using System.Net;

namespace EdTech.Gateway;

/// <summary>
/// Agora's notices, passed on byte for byte: the signatures are over the bytes as they came, and the worker checks them. Agora gets 200 when the notice is
/// taken; whatever else it gets makes it come again. No operation of the public document: only Agora calls it.
/// </summary>
static class AgoraWebhook
{
    const int MaxSignature = 200;
    static readonly string[] Signatures = ["Agora-Signature", "Agora-Signature-V2"];

    public static void MapAgoraWebhook(this IEndpointRouteBuilder app)
        // Its one caller sends as much as there is; a person's limit would lose who was there in the busiest hour.
        => app.MapPost("/v1/webhooks/agora", Receive).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();

    static async Task Receive(HttpContext http, IHttpClientFactory clients, ILogger<WorkerClient> log, CancellationToken ct)
    {
        var signatures = Signatures.Select(name => (Name: name, Value: http.Request.Headers[name].ToString())).Where(s => s.Value.Length > 0).ToArray();
        if (signatures.Length == 0 || signatures.Any(s => s.Value.Length > MaxSignature))
        {
            await NotSigned(http);
            return;
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct); // Kestrel counts, and throws past 1 MB
        using var client = clients.CreateClient("communication");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/communication/agora-events");
        request.Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
        request.Content.Headers.ContentType = new("application/json");
        foreach (var (name, value) in signatures)
            request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var answer = await client.SendAsync(request, ct);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.OK:
                    return;
                case HttpStatusCode.UnprocessableEntity:
                    await NotSigned(http);
                    return;
                default:
                    log.LogWarning("Worker communication answered {Status} to a notice of Agora, which will come again", (int)answer.StatusCode);
                    break;
            }
        }
        catch (Exception exception) when (WorkerClient.MeansAway(exception))
        {
            log.LogWarning("Worker communication did not take a notice of Agora, which will come again: {Reason}", exception.GetType().Name);
        }

        await Problems.WriteUnavailableAsync(http, "worker.unavailable", "The notice could not be taken. Send it again.");
    }

    static Task NotSigned(HttpContext http)
        => Problems.WriteAsync(http, StatusCodes.Status400BadRequest, "webhook.not_signed", "The notice is not signed by Agora with this platform's secret.");
}
