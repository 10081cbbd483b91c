using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>
/// Which conversations a connection hears. The worker says so when it comes and when its token is renewed, at least every ten minutes; in between
/// the bus does, so that whoever is removed hears nothing from then on.
/// </summary>
sealed class Memberships(WorkerClient workers, FanOut fanOut, HubSockets sockets)
{
    public void Subscribe(SessionSubscriptions events)
        => events.On<MemberJoined>(Joined).On<MemberLeft>(Left).On<PersonBlocked>(Blocked);

    /// <summary>Asks the worker; when it is away, the connection stands and is tried again.</summary>
    public async Task Load(HubSocket socket, CancellationToken ct)
    {
        try
        {
            var answer = await workers.GetAsync(socket.By, "communication", "/internal/communication/conversation-ids", ct);
            if (answer.Status != StatusCodes.Status200OK) return;
            await fanOut.JoinAll(socket, JsonSerializer.Deserialize(answer.Body.Span, CommunicationJson.Web.GuidArray) ?? []);
            socket.Joined = true;
        }
        catch (Exception exception) when (WorkerClient.MeansAway(exception))
        {
            socket.Joined = false;
        }
    }

    async Task Joined(MemberJoined e)
    {
        await fanOut.Join(e.AccountId, e.ConversationId);
        Tell(e.AccountId, new RealtimeFrame(FrameTypes.Joined, e.ConversationId, e.AccountId));
    }

    Task Left(MemberLeft e)
    {
        fanOut.Leave(e.AccountId, e.ConversationId);
        Tell(e.AccountId, new RealtimeFrame(FrameTypes.Left, e.ConversationId, e.AccountId));
        return Task.CompletedTask;
    }

    /// <summary>Neither sees any longer whether the other is there.</summary>
    Task Blocked(PersonBlocked e)
    {
        foreach (var (watcher, other) in new[] { (e.BlockerId, e.BlockedId), (e.BlockedId, e.BlockerId) })
            foreach (var socket in sockets.Of(watcher))
                if (socket.Watched.Accounts is [var only] && only == other) fanOut.Unwatch(socket);
        return Task.CompletedTask;
    }

    void Tell(Guid account, RealtimeFrame frame)
    {
        var message = HubFrames.Make(frame.Type, frame);
        foreach (var socket in sockets.Of(account)) socket.Post(message);
    }
}
