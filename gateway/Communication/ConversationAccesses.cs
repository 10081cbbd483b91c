using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>
/// What people may do in conversations, asked before everything they do there. The worker's answer is kept for half a minute; memberships and blocks
/// evict it, so that whoever was removed is refused as soon as the event has reached this gateway.
/// </summary>
sealed class ConversationAccesses(WorkerClient workers, AnswerCache cache)
{
    public void Subscribe(SessionSubscriptions events)
        => events.On<MemberJoined>(e => cache.Evict(Member(e.ConversationId, e.AccountId)))
            .On<MemberLeft>(e => cache.Evict(Member(e.ConversationId, e.AccountId)))
            .On<PersonBlocked>(e => cache.Evict(Person(e.BlockerId), Person(e.BlockedId)))
            .On<PersonUnblocked>(e => cache.Evict(Person(e.BlockerId), Person(e.BlockedId)));

    /// <summary>What the account may do there, or why nothing.</summary>
    /// <exception cref="HttpRequestException">The worker is away, or one of the others that <see cref="WorkerClient.MeansAway"/> knows.</exception>
    public async Task<(ConversationAccess? Access, Refused? Refused)> Of(Actor by, Guid conversationId, CancellationToken ct)
    {
        var path = Path(conversationId);
        // The answer is the member's own: the key says whose, the request says it by its header.
        var answer = await cache.Get("communication", $"{path} {by.Id}", new Cache(Member(conversationId, by.Id), Person(by.Id)), async () => await workers.GetAsync(by, "communication", path, ct));
        return Read(answer!);
    }

    /// <summary>The same as it is now, not as it was at most half a minute ago.</summary>
    public async Task<(ConversationAccess? Access, Refused? Refused)> Now(Actor by, Guid conversationId, CancellationToken ct)
        => Read(await workers.GetAsync(by, "communication", Path(conversationId), ct));

    static string Path(Guid conversation) => $"/internal/communication/conversations/{conversation}/access";

    static (ConversationAccess? Access, Refused? Refused) Read(WorkerAnswer answer)
    {
        if (answer.Status == StatusCodes.Status200OK) return (JsonSerializer.Deserialize(answer.Body.Span, CommunicationJson.Web.ConversationAccess)!, null);
        return (null, WorkerClient.Refusal(answer) ?? throw new HttpRequestException("The worker did not say what a member may do."));
    }

    static string Member(Guid conversation, Guid account) => $"member:{conversation}:{account}";

    static string Person(Guid account) => $"blocks:{account}";
}
