using EdTech.Contracts.Communication;

namespace EdTech.Gateway;

/// <summary>
/// Messages that are known to be there without asking: those that this gateway took, which the worker may not have stored yet, and those that its
/// WebSockets heard of. What is done to one of them right afterwards comes behind it, since Kafka keeps a conversation's order. Kept for one to two
/// minutes, so that what was taken away meanwhile is not believed in for long.
/// </summary>
sealed class LatestMessages(TimeProvider time)
{
    const int MaxKept = 50_000;
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    readonly Lock _gate = new();
    Dictionary<(Guid Conversation, Guid Message), Guid> _young = [];
    Dictionary<(Guid Conversation, Guid Message), Guid> _old = [];
    long _since = time.GetTimestamp();

    /// <summary>This gateway took it from its author.</summary>
    public void Take(MessagePosted message) => Know(message.ConversationId, message.RecordId, message.AuthorId);

    /// <summary>The worker stored these.</summary>
    public void Hear(Guid conversation, IEnumerable<ChatEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Kind == EntryKind.Deleted) Forget(conversation, entry.MessageId);
            else Know(conversation, entry.MessageId, entry.Kind == EntryKind.Posted ? entry.AuthorId : null);
        }
    }

    public void Forget(Guid conversation, Guid message)
    {
        lock (_gate)
        {
            _young.Remove((conversation, message));
            _old.Remove((conversation, message));
        }
    }

    public bool Has(Guid conversation, Guid message)
    {
        lock (_gate) return Kept((conversation, message)) is not null;
    }

    /// <summary>Who wrote it, when that is known.</summary>
    public Guid? AuthorOf(Guid conversation, Guid message)
    {
        lock (_gate) return Kept((conversation, message)) is { } author && author != Guid.Empty ? author : null;
    }

    void Know(Guid conversation, Guid message, Guid? author)
    {
        lock (_gate)
        {
            Age();
            var key = (conversation, message);
            _young[key] = Kept(key) is { } known && known != Guid.Empty ? known : author ?? Guid.Empty;
        }
    }

    Guid? Kept((Guid, Guid) key)
    {
        Age();
        return _young.TryGetValue(key, out var author) || _old.TryGetValue(key, out author) ? author : null;
    }

    void Age()
    {
        if (_young.Count < MaxKept && time.GetElapsedTime(_since) < Lifetime) return;
        _old = time.GetElapsedTime(_since) < 2 * Lifetime ? _young : [];
        (_young, _since) = ([], time.GetTimestamp());
    }
}
