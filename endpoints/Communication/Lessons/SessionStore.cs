using System.Text.Json;
using Amazon.DynamoDBv2.Model;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Local: a session has changed; whoever looks at it is told after the commit.</summary>
sealed record AnnounceSession(Guid SessionId, SessionStatus Status);

/// <summary>How live lessons are read and written.</summary>
static class SessionStore
{
    public static async Task<Session?> FindSession(this DynamoTable table, Guid id, CancellationToken ct)
        => await table.Get(SessionKeys.Session(id), Keys.Meta, ct) is { } item ? Read(item) : null;

    public static async Task<List<Session>> FindSessions(this DynamoTable table, IReadOnlyCollection<Guid> ids, CancellationToken ct)
        => [.. (await table.GetMany([.. ids.Select(id => (SessionKeys.Session(id), Keys.Meta))], ct)).Select(Read)];

    /// <summary>The session for one of its participants; refuses for everybody else and returns null.</summary>
    public static async Task<(Session Session, Participant Person)?> SessionFor(this IMessageHandlerContext context, Guid id, Actor by, bool tutor = false)
    {
        if (await context.Items.Table.FindSession(id, context.CancellationToken) is not { } session || session.Find(by.Id) is not { } person)
        {
            await context.Refuse(RefusalKind.NotFound, NotFound.Code, NotFound.Message);
            return null;
        }

        if (tutor && session.TutorId != by.Id)
        {
            await context.Refuse(RefusalKind.Forbidden, "session.not_tutor", "Only the tutor of the lesson may do this.");
            return null;
        }

        return (session, person);
    }

    /// <summary>What others than participants learn.</summary>
    public static Refused NotFound { get; } = new(RefusalKind.NotFound, "session.not_found", "There is no such live lesson, or you are none of its participants.");

    /// <summary>Writes the session, unless it has changed since it was read: then the handler runs again.</summary>
    /// <returns>Its new version.</returns>
    public static async Task<long> Save(this IMessageHandlerContext context, Session session)
    {
        var version = session.Version + 1;
        context.Items.Put(
            DynamoValues.Item(SessionKeys.Session(session.Id), Keys.Meta).With("rev", version).With("doc", JsonSerializer.Serialize(session)),
            session.Version == 0 ? "attribute_not_exists(pk)" : "rev = :seen",
            session.Version == 0 ? null : new() { [":seen"] = DynamoValues.Of(session.Version) });
        await context.SendLocal(new AnnounceSession(session.Id, session.Status));
        return version;
    }

    /// <summary>Adds evidence about a person and writes what follows from all there is. Evidence that is there already changes nothing.</summary>
    public static async Task<Session> AddEvidence(this IMessageHandlerContext context, Session session, Evidence evidence)
    {
        const int MaxEvidence = 1_000;
        var table = context.Items.Table;
        var prefix = SessionKeys.EvidenceOf(evidence.AccountId);
        var known = (await table.Query(SessionKeys.Session(session.Id), prefix, prefix + Keys.Last, MaxEvidence, newestFirst: false, context.CancellationToken)).ConvertAll(ReadEvidence);
        // Nobody comes and goes that often; a client that does no longer changes what is known.
        if (known.Count >= MaxEvidence || known.Exists(e => e.Id == evidence.Id))
            return session;
        context.Items.Put(
            DynamoValues.Item(SessionKeys.Session(session.Id), SessionKeys.Evidence(evidence))
                .With("id", evidence.Id).With("account_id", evidence.AccountId).With("joined", evidence.Joined).With("at", evidence.At)
                .With("source", evidence.Source.ToString()).With("seq", evidence.Order),
            "attribute_not_exists(pk)");
        if (!session.IsOpen)
            return session;
        var (was, now) = (session, session.Seen(evidence.AccountId, Stays.Of([.. known, evidence])));
        if (was.Status == SessionStatus.Open && now.Status == SessionStatus.Running)
            await context.Publish(new SessionStarted(session.Id, session.TutorId, context.Now));
        return now;
    }

    /// <summary>Ends the session for all, once.</summary>
    public static async Task<long> End(this IMessageHandlerContext context, Session session)
    {
        var ended = session.End(context.Now);
        context.Items.Put(DynamoValues.Item(SessionKeys.Session(session.Id), SessionKeys.End).With("at", context.Now));
        await context.Publish(new SessionEnded(session.Id, session.TutorId, ended.Outcome!.Value, ended.AttendanceAt(context.Now), context.Now));
        await context.TendRecordings(ended);
        return await context.Save(ended);
    }

    /// <summary>Has what records looked after at once, instead of at its clock's next stroke.</summary>
    public static async Task TendRecordings(this IMessageHandlerContext context, Session session)
    {
        foreach (var recording in session.Recordings.Where(r => !r.Settled))
            await context.SendLocal(new TendRecorder(session.Id, recording.Id, Clock: false));
    }

    static Session Read(Dictionary<string, AttributeValue> item) => JsonSerializer.Deserialize<Session>(item["doc"].S)! with { Version = item.Number("rev") };

    static Evidence ReadEvidence(Dictionary<string, AttributeValue> item)
        => new(item["id"].S, item.Id("account_id"), item.Flag("joined"), item.Time("at"), Enum.Parse<PresenceSource>(item["source"].S), item.Number("seq"));
}
