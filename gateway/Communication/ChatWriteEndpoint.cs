using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using FastEndpoints;
using StackExchange.Redis;

namespace EdTech.Gateway;

/// <summary>A write that goes to Kafka: answered once its record is there, before it is stored. A repeat under the same id or key changes nothing.</summary>
abstract class ChatWriteEndpoint<TRequest> : ApiEndpoint<TRequest>
    where TRequest : notnull
{
    /// <summary>Kafka's own time-out outlives callers.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long another request under the same key is told apart, Redis permitting. The record's id keeps a repeat harmless for good.</summary>
    static readonly TimeSpan KeyLifetime = TimeSpan.FromDays(1);

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

        var redis = HttpContext.RequestServices.GetRequiredService<RedisConnection>();
        if (terms.Repeatable && await redis.Try(db => db.StringGetAsync(KeyOf(redis, terms)), RedisValue.Null) is { IsNull: false } known && known != terms.RequestHash)
        {
            await Problems.WriteAsync(HttpContext, new Refused(RefusalKind.Invalid, "idempotency.key_reused", "This idempotency key was used before for a request with another content. Use a new key for a new request."));
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

        if (terms.Repeatable) await redis.Try(db => db.StringSetAsync(KeyOf(redis, terms), terms.RequestHash, KeyLifetime, When.NotExists), false);
        HttpContext.MarkResponseStart();
        HttpContext.Response.StatusCode = StatusCodes.Status202Accepted;
        await HttpContext.Response.WriteAsJsonAsync(new MessageAccepted(record), CommunicationJson.Web.MessageAccepted, cancellationToken: ct);
    }

    static RedisKey KeyOf(RedisConnection redis, RequestTerms terms) => $"{redis.Prefix}gateway:taken:{terms.MessageId}";
}
