namespace EdTech.Communication;

/// <summary>Who says that somebody came or went.</summary>
enum PresenceSource
{
    /// <summary>We: a ticket was given, or the person said goodbye.</summary>
    Ticket,

    /// <summary>Agora: its webhook about the channel.</summary>
    Agora,
}

/// <summary>Somebody came or went. Kept for ever; what follows from it is computed (<see cref="Stays"/>).</summary>
/// <param name="Id">Its own: Agora's notice, or our message.</param>
/// <param name="AccountId">Who.</param>
/// <param name="Joined">Came, or went.</param>
/// <param name="At">When, by the source's clock.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Order">Agora's number of this person's events in the channel (<c>clientSeq</c>): their true order, which their times, in seconds, do not tell.</param>
sealed record Evidence(string Id, Guid AccountId, bool Joined, DateTimeOffset At, PresenceSource Source, long Order = 0);

/// <summary>When one person was there: the same for every order and number of copies in which the evidence arrives.</summary>
/// <param name="FirstJoinedAt">Null for who never came.</param>
/// <param name="LastLeftAt">The end of the last stay that has ended.</param>
/// <param name="Since">The begin of the stay that goes on.</param>
/// <param name="Milliseconds">Length of the stays that have ended.</param>
sealed record Stays(DateTimeOffset? FirstJoinedAt, DateTimeOffset? LastLeftAt, DateTimeOffset? Since, long Milliseconds)
{
    public static Stays None { get; } = new(null, null, null, 0);

    public static Stays Of(IEnumerable<Evidence> evidence)
    {
        var stays = None;
        foreach (var (at, joined) in InOrder(evidence))
        {
            if (joined)
                stays = stays.Since is null ? stays with { Since = at, FirstJoinedAt = stays.FirstJoinedAt ?? at } : stays;
            else
                stays = stays.EndedAt(at);
        }

        return stays;
    }

    /// <summary>The same with the stay that goes on ended.</summary>
    public Stays EndedAt(DateTimeOffset at)
    {
        if (Since is not { } since)
            return this;
        var end = at > since ? at : since;
        return this with { Since = null, LastLeftAt = end, Milliseconds = Milliseconds + (long)(end - since).TotalMilliseconds };
    }

    /// <summary>Seconds up to now.</summary>
    public int SecondsAt(DateTimeOffset now) => (int)((Milliseconds + (Since is { } since && now > since ? (long)(now - since).TotalMilliseconds : 0)) / 1000);

    /// <summary>
    /// By time; what Agora says in Agora's order. Where the two disagree (the end of a lost connection is noticed after the person is back), an event is
    /// taken to have been no later than the events after it.
    /// </summary>
    static IEnumerable<(DateTimeOffset At, bool Joined)> InOrder(IEnumerable<Evidence> evidence)
    {
        var all = evidence.DistinctBy(e => e.Id, StringComparer.Ordinal).ToList();
        var agora = all.Where(e => e.Source == PresenceSource.Agora).OrderBy(e => e.Order).ThenBy(e => e.At).ThenBy(e => e.Id, StringComparer.Ordinal).ToArray();
        var times = new DateTimeOffset[agora.Length];
        for (var i = agora.Length - 1; i >= 0; i--)
            times[i] = i + 1 < agora.Length && times[i + 1] < agora[i].At ? times[i + 1] : agora[i].At;
        return agora.Select((e, i) => (At: times[i], Rank: 0, Index: i, e.Joined))
            .Concat(all.Where(e => e.Source == PresenceSource.Ticket).OrderBy(e => e.At).ThenBy(e => e.Joined).ThenBy(e => e.Id, StringComparer.Ordinal).Select((e, i) => (e.At, Rank: 1, Index: i, e.Joined)))
            .OrderBy(e => e.At).ThenBy(e => e.Rank).ThenBy(e => e.Index)
            .Select(e => (e.At, e.Joined));
    }
}
