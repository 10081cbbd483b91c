using EdTech.Hosting;
using Microsoft.Extensions.Logging;

namespace EdTech.Communication;

/// <summary>Local: locks a number out of Agora's channel for as long as a token of it may live.</summary>
sealed record KickFromChannel(string Channel, uint Uid, DateTimeOffset Until)
{
    public static KickFromChannel Of(Session session, Participant person, DateTimeOffset now) => new(session.Channel, person.Uid, now + Tickets.Life);
}

/// <summary>Kicking twice is kicking once. While Agora does not answer it is asked again, until the token has ended by itself.</summary>
sealed class KickFromChannelHandler(AgoraApi agora, ILogger<KickFromChannelHandler> log) : IHandleOutsideCalls<KickFromChannel>
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    public async Task Handle(KickFromChannel call, IMessageHandlerContext context)
    {
        if (call.Until <= context.Now)
            return;
        try
        {
            await agora.Kick(call.Channel, call.Uid, call.Until - context.Now, context.CancellationToken);
        }
        catch (AgoraUnavailableException e)
        {
            log.LogWarning("{Uid} could not be sent out of channel {Channel}, again in {Seconds} s: {Reason}", call.Uid, call.Channel, Again.TotalSeconds, e.Message);
            await context.SendLocal(call, new SendOptions(Delay: Again));
        }
        catch (AgoraRefusalException e)
        {
            log.LogError("{Uid} could not be sent out of channel {Channel}: {Reason}", call.Uid, call.Channel, e.Message);
        }
    }
}
