using System.Diagnostics;
using System.Text.Json;
using EdTech.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>
/// Handles one message, or (on PostgreSQL) several in one transaction. The handlers run first; the inbox row, the outgoing messages and the commit
/// follow in one round trip. A duplicate is noticed there, by the inbox' key: whatever its handler did is undone and the kept answer sent again.
/// </summary>
sealed class MessageProcessor(EndpointRuntime runtime)
{
    // When much fails at once, trying each message five times in a row would only make it worse: then they wait for their delayed retry.
    readonly RetryBudget _retries = new(100);

    /// <summary>What is left to do for a message that is in the database: send what it sent, then acknowledge it.</summary>
    public sealed record Handled(IncomingMessage Message, HandlerContext? Context);

    sealed record Work(IncomingMessage Message, object Body, HandlerCall[] Calls);

    /// <summary>Handles messages together. Returns those that are done; the rest have to be handled one by one.</summary>
    public async Task<(List<Handled> Done, List<IncomingMessage> Alone)> ProcessBatch(IReadOnlyList<IncomingMessage> messages, CancellationToken ct)
    {
        if (runtime.Storage is not PostgresStorage storage)
        {
            return ([], [.. messages]);
        }

        var alone = new List<IncomingMessage>();
        var works = new List<Work>(messages.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var redelivered = messages.Where(m => m.Redelivered).Select(m => m.MessageId).ToArray();
        HashSet<string>? known = null;
        try
        {
            known = redelivered.Length > 0 ? await storage.AlreadyHandled(redelivered, ct) : null;
        }
        catch (Exception e) when (storage.IsFailure(e))
        {
            return ([], [.. messages]); // Alone, each waits for the database.
        }

        foreach (var message in messages)
        {
            if (known?.Contains(message.MessageId) != true && seen.Add(message.MessageId) && TryReadQuietly(message, out var work) && !work.Calls.Any(c => c.Outside))
            {
                works.Add(work);
            }
            else
            {
                alone.Add(message);
            }
        }

        if (works.Count < 2)
        {
            alone.AddRange(works.Select(w => w.Message));
            return ([], alone);
        }

        try
        {
            return (await CommitTogether(storage, works, ct), alone);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // One of them failed or refused: nothing of the batch is in the database. Each goes its own way.
            runtime.Logger.LogDebug(exception, "A batch of {Count} messages is handled one by one: {Reason}", works.Count, exception.Message);
            alone.AddRange(works.Select(w => w.Message));
            return ([], alone);
        }
    }

    async Task<List<Handled>> CommitTogether(PostgresStorage storage, List<Work> works, CancellationToken ct)
    {
        var now = runtime.Time.GetUtcNow();
        await using var transaction = await storage.BeginHere(ct);
        if (runtime.Handlers.HasSagas)
        {
            await PostgresSagas.LockInOrder(transaction.Db, works.SelectMany(w => w.Calls
                .Where(c => c.Saga?.Correlation is not null)
                .Select(c => (c.Saga!.SagaType.FullName!, c.Saga.Correlation!(w.Body)))));
        }

        var done = new List<Handled>(works.Count);
        foreach (var work in works)
        {
            var context = new HandlerContext(runtime, work.Message.Headers, now, ct) { Transaction = transaction };
            await Invoke(work, work.Calls, context);
            if (context.Refusal is not null || context is { IsRequest: true, RequestReply: null })
            {
                throw new BatchAbortedException(work.Message.MessageId);
            }

            context.Inbox = InboxRowOf(context);
            done.Add(new Handled(work.Message, context));
        }

        await transaction.Commit([.. done.Select(d => d.Context!)], now, ct);
        return done;
    }

    /// <summary>
    /// Handles one message through its immediate retries. Returns what is left to do, or null when it was put aside (delayed retry or error queue)
    /// and only needs acknowledging.
    /// </summary>
    public async Task<Handled?> ProcessAlone(IncomingMessage message, CancellationToken ct)
    {
        if (message.Body.Length == 0 && message.Headers.ContainsKey(Headers.ControlMessage))
        {
            return new Handled(message, null);
        }

        Exception failure;
        var delayed = Recoverability.DelayedAttempts(message.Headers);
        _retries.Earn();
        if (message.MessageId.Length == 0)
        {
            await SendToErrorQueue(message, new UnrecoverableException("The message has neither a message_id nor a NServiceBus.MessageId header, so a repeat of it could not be recognised."), ct);
            return null;
        }

        try
        {
            if (!TryRead(message, out var work))
            {
                throw new UnrecoverableException($"{runtime.Host.Endpoint} has no handler for {message.Headers.GetValueOrDefault(Headers.EnclosedMessageTypes) ?? "a message that does not name its type"}. Deploy a version that handles it and retry, or remove the subscription.");
            }

            var conflicts = 0;
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    return new Handled(message, await CommitAlone(work, ct));
                }
                catch (DuplicateMessageException)
                {
                    return await Repeat(message, ct);
                }
                catch (StorageConflictException) when (conflicts < StorageConflictException.Free)
                {
                    attempt--;
                    await StorageConflictException.StepAside(++conflicts, ct);
                }
                catch (Exception e) when (IsOutage(e) && !ct.IsCancellationRequested)
                {
                    attempt--;
                    runtime.Logger.LogWarning("{Endpoint} waits for its storage: {Reason}", runtime.Host.Endpoint, e.Message);
                    await WaitForStorage(ct);
                }
                catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
                {
                    // A duplicate may fail on the very effect of its first time ("already exists").
                    if ((message.Redelivered || runtime.Storage.IsFailure(e)) && await TryFind(message.MessageId, ct) is not null)
                    {
                        return await Repeat(message, ct);
                    }

                    if (e is UnrecoverableException || attempt + 1 >= runtime.Worker.ImmediateRetries || (delayed < runtime.Worker.DelayedRetries.Count && !_retries.TrySpend()))
                    {
                        failure = e;
                        break;
                    }

                    Telemetry.Retries.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", runtime.Host.Endpoint));
                    runtime.ServiceControl.Retried(message.Headers, runtime.Time.GetUtcNow());
                    runtime.Logger.LogInformation("Message {MessageId} failed, attempt {Attempt} of {Attempts}: {Reason}", message.MessageId, attempt + 1, runtime.Worker.ImmediateRetries, e.Message);
                }
            }
        }
        catch (Exception e) when (e is UnrecoverableException or JsonException)
        {
            failure = e;
        }

        if (failure is UnrecoverableException or JsonException || delayed >= runtime.Worker.DelayedRetries.Count)
        {
            await SendToErrorQueue(message, failure, ct);
            return null;
        }

        var now = runtime.Time.GetUtcNow();
        // What failed together does not come back together. Shorter, not longer: a broker's delays are whole seconds, and one of 1.1 s would take 2 s.
        var delay = runtime.Worker.DelayedRetries[delayed] * (1 - (0.2 * Random.Shared.NextDouble()));
        Telemetry.Retries.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", runtime.Host.Endpoint));
        runtime.ServiceControl.Retried(message.Headers, now);
        runtime.Logger.LogWarning(failure, "Message {MessageId} failed and is tried again in {Delay}: {Reason}", message.MessageId, delay, failure.Message);
        await Persist(() => runtime.Publisher.Publish(Recoverability.Delayed(message, runtime.Host.Endpoint, delay, now), now, ct), ct);
        return null;
    }

    async Task<HandlerContext> CommitAlone(Work work, CancellationToken ct)
    {
        var now = runtime.Time.GetUtcNow();
        var context = new HandlerContext(runtime, work.Message.Headers, now, ct);
        if (work.Calls.Any(c => c.Outside))
        {
            if (await runtime.Storage.Find(work.Message.MessageId, ct) is not null)
            {
                throw new DuplicateMessageException(work.Message.MessageId);
            }

            await Invoke(work, work.Calls.Where(c => c.Outside), context);
        }

        await using var transaction = await runtime.Storage.Begin(ct);
        context.Transaction = transaction;
        await Invoke(work, work.Calls.Where(c => !c.Outside), context);
        if (context.Refusal is not null)
        {
            await transaction.Undo(ct);
            context.DropForRefusal();
        }
        else if (context is { IsRequest: true, RequestReply: null })
        {
            throw new UnrecoverableException($"{work.Calls[0].HandlerType.Name} handled the request {work.Body.GetType().Name} but neither replied nor refused, so the caller would wait in vain. End the handler with context.Reply(new Done(...)) or context.Refuse(...).");
        }

        context.Inbox = InboxRowOf(context);
        await transaction.Commit([context], now, ct);
        return context;
    }

    async Task Invoke(Work work, IEnumerable<HandlerCall> calls, HandlerContext context)
    {
        await using var scope = runtime.Scopes.CreateAsyncScope();
        foreach (var call in calls)
        {
            if (context.Refusal is not null)
            {
                return;
            }

            var started = runtime.Time.GetUtcNow();
            try
            {
                if (call.Saga is null)
                {
                    await call.Invoke(scope.ServiceProvider.GetRequiredService(call.HandlerType), work.Body, context);
                }
                else
                {
                    await InvokeSaga(call, scope.ServiceProvider, work.Body, context);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                e.Data["Message type"] = work.Body.GetType().FullName;
                e.Data["Handler type"] = call.HandlerType.FullName;
                e.Data["Message ID"] = context.MessageId;
                e.Data["Handler start time"] = WireTime.ToWire(started);
                e.Data["Handler failure time"] = WireTime.ToWire(runtime.Time.GetUtcNow());
                e.Data["Handler canceled"] = "False";
                e.Data["Pipeline canceled"] = "False";
                throw;
            }
        }
    }

    async Task InvokeSaga(HandlerCall call, IServiceProvider services, object message, HandlerContext context)
    {
        var storage = context.Storage;
        var saga = call.Saga!;
        var type = saga.SagaType.FullName!;
        var correlation = saga.Correlation?.Invoke(message);
        var byId = correlation is null;
        var row = byId
            ? Guid.TryParse(context.MessageHeaders.GetValueOrDefault(Headers.SagaId), out var id) ? await storage.FindSaga(type, id, context.CancellationToken) : null
            : await storage.FindSaga(type, correlation!, context.CancellationToken);
        if (row is null && !saga.CanStart)
        {
            if (runtime.Handlers.SagaNotFoundHandlers.Count == 0 || saga.IsTimeout)
            {
                runtime.Logger.LogInformation("No {Saga} for {MessageType} {MessageId}: it is completed or was never started; the message is dropped.", saga.SagaType.Name, message.GetType().Name, context.MessageId);
                return;
            }

            foreach (var notFound in runtime.Handlers.SagaNotFoundHandlers)
            {
                await ((IHandleSagaNotFound)services.GetRequiredService(notFound)).Handle(message, context);
            }

            return;
        }

        var instance = services.GetRequiredService(call.HandlerType);
        if (row is null)
        {
            saga.Shape.Start(instance, Guid.CreateVersion7(context.Now), correlation!, context.MessageHeaders.GetValueOrDefault(Headers.ReplyToAddress), context.MessageHeaders.GetValueOrDefault(Headers.CorrelationId) ?? context.MessageId);
        }
        else
        {
            saga.Shape.Load(instance, row.Data);
        }

        var started = runtime.Time.GetUtcNow();
        var (sent, answer) = (context.Outgoing.Count, context.RequestReply);
        context.Saga = (saga.Shape.IdOf(instance), saga.SagaType.AssemblyQualifiedName!);
        await call.Invoke(instance, message, context);
        context.Saga = null;
        if (context.Refusal is not null)
        {
            return;
        }

        if (runtime.ServiceControl.Enabled)
        {
            var outgoing = context.Outgoing.Skip(sent).Select(SagaChange.Outgoing.Of).ToList();
            if (context.RequestReply is { } reply && reply != answer)
            {
                outgoing.Add(new SagaChange.Outgoing(reply.GetType().FullName!, context.ReplyId, "Reply", context.MessageHeaders.GetValueOrDefault(Headers.ReplyToAddress), context.Now.UtcDateTime, null));
            }

            context.SagaChanges.Add(new SagaChange(type, saga.Shape.IdOf(instance), row is null, saga.Shape.IsCompleted(instance), saga.Shape.DataOf(instance), started, runtime.Time.GetUtcNow(), outgoing));
        }

        if (saga.Shape.IsCompleted(instance))
        {
            if (row is not null)
            {
                await storage.DeleteSaga(type, row);
            }
        }
        else if (row is null)
        {
            await storage.InsertSaga(type, correlation!, saga.Shape.IdOf(instance), saga.Shape.DataOf(instance));
        }
        else
        {
            await storage.UpdateSaga(type, row, saga.Shape.DataOf(instance));
        }
    }

    /// <summary>The message was handled before: what it sent is the outbox' business, but whoever asks again gets the kept answer.</summary>
    async Task<Handled> Repeat(IncomingMessage message, CancellationToken ct)
    {
        Telemetry.InboxHits.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", runtime.Host.Endpoint));
        if (message.Headers.ContainsKey(Headers.Request) && await runtime.Storage.Find(message.MessageId, ct) is { } outcome)
        {
            var hash = message.Headers.GetValueOrDefault(Headers.RequestHash);
            if (outcome.RequestHash is not null && hash is not null && outcome.RequestHash != hash)
            {
                var refusal = Outcomes.KeyReused;
                await SendReply(message.Headers, Guid.CreateVersion7().ToString(), MessageTypes.EnclosedTypesOf(typeof(Refused)), runtime.Types.Serialize(refusal), ct);
            }
            else if (outcome is { ReplyType: not null, Reply: not null })
            {
                await SendReply(message.Headers, Guid.CreateVersion7().ToString(), outcome.ReplyType, outcome.Reply, ct);
            }
        }

        return new Handled(message, null);
    }

    /// <summary>Sends what committed messages answered and sent. What cannot leave now stays in the outbox for the sweeper.</summary>
    public async Task Dispatch(IReadOnlyList<Handled> handled, CancellationToken ct)
    {
        foreach (var item in handled)
        {
            if (item.Context is { IsRequest: true, RequestReply: { } reply } context)
            {
                await SendReply(context.MessageHeaders, context.ReplyId, MessageTypes.EnclosedTypesOf(reply.GetType()), runtime.Types.Serialize(reply), ct);
            }
        }

        await PublishAll([.. handled.Where(h => h.Context is { Outgoing.Count: > 0 }).Select(h => h.Context!)], ct);
    }

    public async Task PublishAll(IReadOnlyList<HandlerContext> contexts, CancellationToken ct)
    {
        if (contexts.Count == 0)
        {
            return;
        }

        var outgoing = contexts.Count == 1 ? contexts[0].Outgoing : [.. contexts.SelectMany(c => c.Outgoing)];
        try
        {
            var now = runtime.Time.GetUtcNow();
            if (outgoing.Count == 1)
            {
                await runtime.Publisher.Publish(outgoing[0], now, ct);
            }
            else
            {
                await Task.WhenAll(outgoing.Select(m => runtime.Publisher.Publish(m, now, ct)));
            }

            runtime.Forgetter.Sent(contexts);
        }
        catch (Exception e) when (e is RabbitMQ.Client.Exceptions.PublishException or BrokerUnavailableException || (e is OperationCanceledException && ct.IsCancellationRequested))
        {
            runtime.Logger.LogWarning("{Count} messages stay in the outbox of {Endpoint} for now: {Reason}", outgoing.Count, runtime.Host.Endpoint, e.Message);
        }
    }

    Task SendReply(IReadOnlyDictionary<string, string> request, string messageId, string enclosedTypes, byte[] body, CancellationToken ct)
    {
        if (!request.TryGetValue(Headers.ReplyToAddress, out var address))
        {
            return Task.CompletedTask;
        }

        var now = runtime.Time.GetUtcNow();
        var headers = new Dictionary<string, string>(16, StringComparer.Ordinal)
        {
            [Headers.MessageId] = messageId,
            [Headers.MessageIntent] = "Reply",
            [Headers.RelatedTo] = request[Headers.MessageId],
            [Headers.ConversationId] = request.GetValueOrDefault(Headers.ConversationId) ?? request[Headers.MessageId],
            [Headers.CorrelationId] = request.GetValueOrDefault(Headers.CorrelationId) ?? request[Headers.MessageId],
            [Headers.ReplyToAddress] = runtime.Host.Address,
            [Headers.OriginatingMachine] = OutgoingMessage.Machine,
            [Headers.OriginatingEndpoint] = runtime.Host.Endpoint,
            [Headers.OriginatingHostId] = runtime.Host.HostIdN,
            [Headers.ContentType] = "application/json",
            [Headers.EnclosedMessageTypes] = enclosedTypes,
            [Headers.TimeSent] = WireTime.ToWire(now),
            // An answer that nobody reads is worth nothing after a restart of the broker.
            [Headers.NonPersistent] = "True",
        };
        return runtime.Publisher.PublishReply(address, headers, body, ct);
    }

    public InboxRow InboxRowOf(HandlerContext context)
    {
        var headers = context.MessageHeaders;
        if (!context.IsRequest)
        {
            return new InboxRow(context.MessageId, null, null, null, null);
        }

        var reply = context.RequestReply;
        return new InboxRow(
            context.MessageId,
            Guid.TryParse(headers.GetValueOrDefault(Headers.Actor), out var actor) ? actor : null,
            headers.GetValueOrDefault(Headers.RequestHash),
            reply is null ? null : MessageTypes.EnclosedTypesOf(reply.GetType()),
            reply is null ? null : runtime.Types.Serialize(reply));
    }

    bool TryReadQuietly(IncomingMessage message, out Work work)
    {
        try
        {
            return TryRead(message, out work);
        }
        catch (UnrecoverableException)
        {
            work = null!; // Alone it will be read again, and then say why it cannot be.
            return false;
        }
    }

    bool TryRead(IncomingMessage message, out Work work)
    {
        work = null!;
        if (message.MessageId.Length == 0 || message.Headers.GetValueOrDefault(Headers.EnclosedMessageTypes) is not { } enclosed)
        {
            return false;
        }

        if (runtime.Handlers.TakesEveryEvent && message.Headers.GetValueOrDefault(Headers.MessageIntent) == "Publish")
        {
            var name = enclosed.AsSpan(0, enclosed.AsSpan().IndexOfAny(',', ';') is >= 0 and var end ? end : enclosed.Length).Trim();
            work = new Work(message, new PublishedEvent(name.ToString(), message.Body), runtime.Handlers.For(typeof(PublishedEvent)));
            return true;
        }

        if (runtime.Types.Resolve(enclosed) is not { } type)
        {
            return false;
        }

        var calls = runtime.Handlers.For(type);
        if (calls.Length == 0)
        {
            return false;
        }

        if (message.Headers.TryGetValue(Headers.IsSagaTimeout, out var timeout) && timeout == "True")
        {
            var sagaType = message.Headers.GetValueOrDefault(Headers.SagaType);
            calls = [.. calls.Where(c => c.Saga is { IsTimeout: true } s && (sagaType is null || sagaType.StartsWith(s.SagaType.FullName!, StringComparison.Ordinal)))];
        }

        try
        {
            work = new Work(message, runtime.Types.Deserialize(message.Body, type), calls);
            return true;
        }
        catch (JsonException exception)
        {
            throw new UnrecoverableException($"The body of {type.Name} {message.MessageId} is not readable: {exception.Message}", exception);
        }
    }

    async Task SendToErrorQueue(IncomingMessage message, Exception failure, CancellationToken ct)
    {
        Telemetry.Failures.Add(1, new KeyValuePair<string, object?>("messaging.destination.name", runtime.Host.Endpoint));
        runtime.Logger.LogError(failure, "Message {MessageId} goes to the error queue: {Reason}", message.MessageId, failure.Message);
        var headers = Recoverability.FailedHeaders(message, runtime.Host, failure, runtime.Time.GetUtcNow());
        if (message.MessageId.Length == 0)
        {
            headers[Headers.MessageId] = Guid.CreateVersion7().ToString();
        }

        await Persist(() => runtime.Publisher.Forward(Recoverability.ErrorQueue, headers, message.Body, null, ct), ct);
    }

    /// <summary>Repeats until the broker has the message: the original is only acknowledged afterwards.</summary>
    static async Task Persist(Func<Task> publish, CancellationToken ct)
    {
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
        {
            try
            {
                await publish();
                return;
            }
            catch (Exception e) when (e is BrokerUnavailableException or RabbitMQ.Client.Exceptions.OperationInterruptedException or RabbitMQ.Client.Exceptions.PublishException)
            {
                await Task.Delay(wait, ct);
            }
        }
    }

    async Task<StoredOutcome?> TryFind(string messageId, CancellationToken ct)
    {
        try
        {
            return await runtime.Storage.Find(messageId, ct);
        }
        catch (Exception e) when (runtime.Storage.IsFailure(e))
        {
            return null; // Unknown now; the retry will tell.
        }
    }

    async Task WaitForStorage(CancellationToken ct)
    {
        for (var wait = TimeSpan.FromMilliseconds(100); ; wait = TimeSpan.FromSeconds(Math.Min(5, wait.TotalSeconds * 2)))
        {
            await Task.Delay(wait, ct);
            try
            {
                await runtime.Storage.Ping(ct);
                return;
            }
            catch (Exception e) when ((IsOutage(e) || e.InnerException is TimeoutException) && !ct.IsCancellationRequested)
            {
                continue;
            }
        }
    }

    /// <summary>No fault of the message: the storage is away, or the stream that a handler appends to.</summary>
    bool IsOutage(Exception e) => e is StreamUnavailableException || runtime.Storage.IsOutage(e);

    sealed class BatchAbortedException(string messageId) : Exception($"Message {messageId} has to be handled alone.");
}
