using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>A write that goes to Kafka: answered once its record is there, before it is stored. A repeat under the same id or key changes nothing.</summary>
abstract class ChatWriteEndpoint<TRequest> : ApiEndpoint<TRequest>
    where TRequest : notnull
{
    /// <summary>Kafka's own time-out outlives callers.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Names the operation in the HTTP document.</summary>
    protected void Describe(string summary) => Describe(summary, StatusCodes.Status202Accepted, tag: null, typeof(MessageAccepted));

    /// <summary>Has the intake take it, under the caller's own id, else that of its <c>Idempotency-Key</c>, else a new one.</summary>
    protected async Task TakeAsync(Guid? id, Func<ChatIntake, Guid, CancellationToken, Task<Refused?>> take, CancellationToken ct)
    {
        var terms = RequestTerms.Read(HttpContext, Actor);
        if (terms.Fault is { } fault)
        {
            await Problems.WriteFieldAsync(HttpContext, fault.Name, fault.Reason, fault.Code);
            return;
        }

        var record = id ?? Guid.Parse(terms.MessageId);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            if (await take(HttpContext.RequestServices.GetRequiredService<ChatIntake>(), record, patience.Token) is { } refused)
            {
                await Problems.WriteAsync(HttpContext, refused, ChatIntake.StatusOf(refused));
                return;
            }
        }
        catch (Exception e) when (e is StreamUnavailableException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            await Problems.WriteUnavailableAsync(HttpContext, "stream.unavailable", "It could not be taken for the moment, and may or may not arrive. Try again under the same id or Idempotency-Key.");
            return;
        }
        catch (Exception e) when (WorkerClient.MeansAway(e))
        {
            await Problems.WriteUnavailableAsync(HttpContext, "worker.unavailable", "The part of the platform that knows the conversation is away for the moment. Try again.");
            return;
        }

        HttpContext.MarkResponseStart();
        HttpContext.Response.StatusCode = StatusCodes.Status202Accepted;
        await HttpContext.Response.WriteAsJsonAsync(new MessageAccepted(record), CommunicationJson.Web.MessageAccepted, cancellationToken: ct);
    }
}
