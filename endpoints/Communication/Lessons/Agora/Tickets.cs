using EdTech.Contracts.Communication;

namespace EdTech.Communication;

/// <summary>What a participant enters Agora's channel with. Tokens cannot be taken back, so they live for minutes and are renewed while the person may stay.</summary>
static class Tickets
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>How long after the lesson's latest end a token may still hold.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    public static SessionTicket For(Session session, Participant person, AgoraSettings agora, DateTimeOffset now)
    {
        var end = LastMoment(session, now + Life);
        var screen = person.AccountId == session.TutorId ? AgoraUids.Screen(person.Uid, 0) : person.ScreenUid;
        return new SessionTicket(
            session.Id, agora.AppId, session.Channel, person.Uid, screen,
            Sign(seconds => RtcService.Publisher(session.Channel, person.Uid, seconds)),
            Sign(seconds => RtmService.For(person.AccountId.ToString(), seconds)),
            screen is { } uid ? Sign(seconds => RtcService.Publisher(session.Channel, uid, seconds)) : null,
            end);

        string Sign(Func<uint, AgoraService> service) => AccessToken2.Issue(agora.AppId, now, end - now, service).Sign(agora.Certificate);
    }

    /// <summary>The recorder listens only, to the end.</summary>
    public static string ForRecorder(Session session, Recording recording, AgoraSettings agora, DateTimeOffset now)
        => AccessToken2.Issue(agora.AppId, now, LastMoment(session, DateTimeOffset.MaxValue) - now, seconds => RtcService.Subscriber(session.Channel, recording.Uid, seconds)).Sign(agora.Certificate);

    /// <summary>Until when whoever has a token may be in the channel.</summary>
    public static DateTimeOffset LastMoment(Session session, DateTimeOffset wanted) => session.LastEnd + Grace < wanted ? session.LastEnd + Grace : wanted;
}
