using System.Text.Json;
using EdTech.Contracts;
using EdTech.Hosting;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetOperationRequest([property: RouteParam] string OperationId);

/// <summary>Tells how far a write is that answered 202. Only its caller may ask.</summary>
sealed class GetOperationEndpoint : QueryEndpoint<GetOperationRequest, OperationView>
{
    public override void Configure()
    {
        Get("/v1/operations/{operationId}");
        AllowAnonymous(); // writes without a token can be asked for too: the id itself is the secret
        Describe("Ask how far a write is");
    }

    public override async Task HandleAsync(GetOperationRequest req, CancellationToken ct)
    {
        if (HttpContext.RequestServices.GetRequiredService<OperationIds>().Read(req.OperationId, Actor) is not { } operation)
        {
            await Problems.WriteAsync(HttpContext, StatusCodes.Status404NotFound, "operation.not_found", "There is no such operation, or it is not yours.");
            return;
        }

        var answer = await HttpContext.RequestServices.GetRequiredService<WorkerClient>().GetAsync(HttpContext, Actor, operation.Worker, $"/internal/outcomes/{operation.MessageId}", ct, StatusCodes.Status404NotFound);
        if (answer is null) return;
        var view = answer.Status == StatusCodes.Status404NotFound ? new(req.OperationId, OperationStatus.Pending) : View(req.OperationId, operation, answer);
        if (view.Status == OperationStatus.Pending) HttpContext.Response.Headers.RetryAfter = "1";
        HttpContext.MarkResponseStart();
        await HttpContext.Response.WriteAsJsonAsync(view, GatewayJson.Default.OperationView, cancellationToken: ct);
    }

    OperationView View(string id, PendingOperation operation, WorkerAnswer answer)
    {
        var outcome = JsonSerializer.Deserialize(answer.Body.Span, GatewayJson.Default.Outcome)!;
        if (outcome.Type == typeof(Refused).FullName)
        {
            var refused = outcome.Reply.Deserialize(GatewayJson.Default.Refused)!;
            return new(id, OperationStatus.Refused, outcome.HandledAt, Problem: Problems.Make(HttpContext, refused, refused.Kind.Status()));
        }

        var link = outcome.Type == typeof(Done).FullName ? OperationIds.LinkTo(operation, outcome.Reply.Deserialize(GatewayJson.Default.Done)!.Id) : operation.Link;
        return new(id, OperationStatus.Done, outcome.HandledAt, link, outcome.Reply);
    }
}
