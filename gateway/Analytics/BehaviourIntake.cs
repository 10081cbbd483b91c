using System.Collections.Concurrent;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>
/// Judges each event of a batch alone and appends the good ones to Kafka. When Kafka does not take all of them, none counts as taken and the client
/// repeats the batch: an event that is there already is recognised by its id.
/// </summary>
sealed class BehaviourIntake(IStreamProducer streams, TimeProvider time, ILogger<BehaviourIntake> log)
{
    /// <summary>So many pairs are remembered as told; one that is forgotten is told again, which changes nothing.</summary>
    const int MaxMerged = 20_000;

    /// <summary>A client waits no longer; its events are safe with it.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<(Guid AnonymousId, Guid AccountId), bool> _merged = new();

    public DateTimeOffset Now => time.GetUtcNow();

    public async Task Take(HttpContext http, BehaviourBatch batch, IReadOnlyList<JsonElement> events, CancellationToken ct)
    {
        var rejected = new List<RejectedEvent>();
        var accepted = new List<BehaviourRecord>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            var (record, code, message) = BehaviourRules.Read(events[i], batch);
            if (record is not null) accepted.Add(record);
            else rejected.Add(new(i, code!, message!));
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        try
        {
            await Task.WhenAll([.. accepted.Select(record => streams.Produce(StreamTopics.AnalyticsEvents, record, deadline.Token)), TellMerge(batch, deadline.Token)]);
        }
        catch (Exception e) when (e is StreamUnavailableException || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            log.LogWarning("A batch of {Count} behaviour events was not taken, its client will repeat it: {Reason}", accepted.Count, e.Message);
            await Problems.WriteUnavailableAsync(http, "stream.unavailable", "The events could not be stored. Send the batch again unchanged.");
            return;
        }

        http.MarkResponseStart();
        await http.Response.WriteAsJsonAsync(new BehaviourReceipt(accepted.Count, rejected), AnalyticsJson.Default.BehaviourReceipt, cancellationToken: ct);
    }

    async Task TellMerge(BehaviourBatch batch, CancellationToken ct)
    {
        if (batch.AccountId is not { } account || _merged.ContainsKey((batch.AnonymousId, account))) return;
        await streams.Produce(StreamTopics.AnalyticsEvents, BehaviourRules.Merge(account, batch), ct);
        if (_merged.Count >= MaxMerged) _merged.Clear();
        _merged[(batch.AnonymousId, account)] = true;
    }
}
