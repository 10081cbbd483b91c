using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Puts together what one person sees of their conversations: three kinds of items, each read in bulk.</summary>
sealed class ConversationReads(DynamoTable table)
{
    /// <summary>The memberships of a person, at most <see cref="Membership.MaxListed"/>.</summary>
    public Task<List<Dictionary<string, AttributeValue>>> MembershipsOf(Guid account, CancellationToken ct)
        => table.Query(Keys.Account(account), Keys.ConversationPrefix, Keys.ConversationPrefix + Keys.Last, Membership.MaxListed, newestFirst: false, ct);

    /// <summary>Views of the conversations that these items of a person say, in their order; one that is being made is left out.</summary>
    public async Task<List<ConversationView>> Views(Guid account, IReadOnlyList<Dictionary<string, AttributeValue>> memberships, CancellationToken ct)
    {
        var keys = memberships.SelectMany(m => new[] { (m["sk"].S, Keys.Meta), (m["sk"].S, Keys.State), (m["sk"].S, Keys.Read(account)) }).ToArray();
        var found = (await table.GetMany(keys, ct)).ToDictionary(i => (i["pk"].S, i["sk"].S));
        return [.. memberships.Where(m => found.ContainsKey((m["sk"].S, Keys.Meta))).Select(m => View(
            Conversation.Of(found[(m["sk"].S, Keys.Meta)]),
            Membership.Of(m),
            m.TimeOrNull("muted_until"),
            found.GetValueOrDefault((m["sk"].S, Keys.State)) ?? [],
            found.GetValueOrDefault((m["sk"].S, Keys.Read(account))) ?? []))];
    }

    /// <summary>When each conversation was last active.</summary>
    public async Task<Dictionary<string, DateTimeOffset>> Activity(IReadOnlyList<Dictionary<string, AttributeValue>> memberships, CancellationToken ct)
        => (await table.GetMany([.. memberships.Select(m => (m["sk"].S, Keys.State))], ct, "pk, last_at")).Where(s => s.ContainsKey("last_at")).ToDictionary(s => s["pk"].S, s => s.Time("last_at"), StringComparer.Ordinal);

    /// <summary>What of each conversation the person has not read: two counters of each, however many messages there are.</summary>
    public async Task<UnreadView> Unread(Guid account, CancellationToken ct)
    {
        var memberships = await MembershipsOf(account, ct);
        var items = (await table.GetMany([.. memberships.SelectMany(m => new[] { (m["sk"].S, Keys.State), (m["sk"].S, Keys.Read(account)) })], ct, "pk, sk, message_count, read_number"))
            .ToDictionary(i => (i["pk"].S, i["sk"].S));
        var unread = memberships
            .Select(m => Unread(Membership.Of(m), items.GetValueOrDefault((m["sk"].S, Keys.State)) ?? [], items.GetValueOrDefault((m["sk"].S, Keys.Read(account))) ?? []))
            .Where(n => n > 0).ToArray();
        return new UnreadView(unread.Length, unread.Sum());
    }

    static long Unread(Membership member, Dictionary<string, AttributeValue> state, Dictionary<string, AttributeValue> read)
        => Math.Max(0, state.Number("message_count") - Math.Max(member.FromNumber, read.Number("read_number")));

    static ConversationView View(Conversation conversation, Membership member, DateTimeOffset? mutedUntil, Dictionary<string, AttributeValue> state, Dictionary<string, AttributeValue> read) => new(
        conversation.Id,
        conversation.Kind,
        conversation.Title,
        conversation.SubjectId,
        member.OtherId,
        (int)conversation.Members,
        member.Moderator,
        state.Number("last_sequence"),
        state.Number("message_count"),
        Math.Max(member.FromSequence, read.Number("sequence")),
        Unread(member, state, read),
        state.TimeOrNull("last_at") ?? conversation.CreatedAt,
        state.Text("preview"),
        mutedUntil,
        conversation.CreatedAt);
}
