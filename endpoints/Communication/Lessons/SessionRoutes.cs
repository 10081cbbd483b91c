using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>What participants read of their live lessons, and the renewal of their tickets.</summary>
static class SessionRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        ListLessonSessions.Map(app);
        ReceiveAgoraEvent.Map(app);
        app.MapGet("/internal/communication/sessions/{sessionId:guid}", Get);
        app.MapGet("/internal/communication/sessions/{sessionId:guid}/recordings", Recordings);
        app.MapPost("/internal/communication/sessions/{sessionId:guid}/ticket", Renew);
    }

    static async Task<IResult> Get(Guid sessionId, HttpContext http, DynamoTable table, TimeProvider time, CancellationToken ct)
        => await Mine(sessionId, http, table, ct) is var (session, person)
            ? Results.Json(session.View(time.GetUtcNow(), person.AccountId), CommunicationJson.Web.LessonSessionView)
            : NotFound();

    /// <summary>All recordings for the tutor; for a student those that were made while they were there.</summary>
    static async Task<IResult> Recordings(Guid sessionId, HttpContext http, DynamoTable table, CancellationToken ct)
        => await Mine(sessionId, http, table, ct) is var (session, person)
            ? Results.Json([.. session.Recordings.Where(r => person.AccountId == session.TutorId || r.People.Contains(person.AccountId)).Select(r => session.View(r, person.AccountId))], CommunicationJson.Web.IReadOnlyListRecordingView)
            : NotFound();

    /// <summary>New tokens before the old ones end. Nothing is written: who is present is known from joining and leaving.</summary>
    static async Task<IResult> Renew(Guid sessionId, HttpContext http, DynamoTable table, AgoraSettings agora, TimeProvider time, CancellationToken ct)
    {
        if (await Mine(sessionId, http, table, ct) is not var (session, person))
            return NotFound();
        if (!session.IsOpen)
            return InternalApi.Refuse(RefusalKind.Conflict, "session.not_open", "The lesson's room is not open.");
        if (person.Removed)
            return InternalApi.Refuse(RefusalKind.Forbidden, "session.removed", "The tutor has removed you from this lesson.");
        return person.Present
            ? Results.Json(Tickets.For(session, person, agora, time.GetUtcNow()), CommunicationJson.Web.SessionTicket)
            : InternalApi.Refuse(RefusalKind.Conflict, "session.not_present", "Join the lesson first.");
    }

    static async Task<(Session Session, Participant Person)?> Mine(Guid id, HttpContext http, DynamoTable table, CancellationToken ct)
        => await table.FindSession(id, ct) is { } session && session.Find(http.Actor().Id) is { } person ? (session, person) : null;

    static IResult NotFound() => InternalApi.Refuse(SessionStore.NotFound.Kind, SessionStore.NotFound.Code, SessionStore.NotFound.Message);
}
