using EdTech.Contracts;
using EdTech.Contracts.Analytics;
using EdTech.Hosting;

namespace EdTech.Analytics;

/// <summary>
/// Stores what clients report. A repeat overwrites the item it made: the same event has the same key. Power failure: the offset is committed after the
/// writes, so a batch is stored again, to the same items.
/// </summary>
sealed class BehaviourWorker(BehaviourLog log, IdentityMerges merges) : StreamWorker<BehaviourRecord>
{
    public override StreamTopic Topic => StreamTopics.AnalyticsEvents;

    public override string Group => "EdTech.Analytics.Behaviour";

    protected override async Task Handle(StreamBatch<BehaviourRecord> batch, CancellationToken cancellationToken)
    {
        await log.Store([.. batch.Records.Select(r => r.Value).Where(r => r is not IdentityMerged)], cancellationToken);
        foreach (var merge in batch.Records.Select(r => r.Value).OfType<IdentityMerged>().DistinctBy(m => m.RecordId))
        {
            await merges.Add(merge, cancellationToken);
        }
    }
}
