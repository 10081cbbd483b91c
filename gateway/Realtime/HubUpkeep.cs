using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>
/// Every second: ends connections whose token has ended or was revoked, and all of them before the gateway stops; probes the way over Redis, keeps
/// presence and the count of connections, and asks again for conversations that could not be had.
/// </summary>
sealed class HubUpkeep(
    HubSockets sockets, FanOut fanOut, Presence presence, ConnectionLimit limit, Memberships memberships, RevokedTokens revoked, Draining draining, TimeProvider time, ILogger<HubUpkeep> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    const int LoadsAtOnce = 20;
    int _round;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                EndTokens();
                await fanOut.Probe();
                await presence.Refresh();
                await limit.Refresh(sockets.All);
                if (_round++ % 3 == 0) await LoadMissing(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(exception, "The upkeep of WebSockets failed; it is tried again in a second.");
            }
        }
        while (await Next(timer, stoppingToken));
    }

    void EndTokens()
    {
        var now = time.GetUtcNow();
        foreach (var socket in sockets.All)
        {
            if (draining.IsHalfOver) socket.Close("gateway.going_away", "This gateway is about to stop. Connect again: another one takes over.");
            else if (socket.ExpiresAt <= now) socket.Close("token.expired", "The access token has ended. Connect again with a new one.");
            else if (revoked.IsRevoked(socket.SessionId, socket.By.Id, socket.IssuedAt)) socket.Close("session.revoked", "This session was signed out.");
        }
    }

    async Task LoadMissing(CancellationToken ct)
    {
        var missing = sockets.All.Where(s => !s.Joined && !s.IsClosing).Take(LoadsAtOnce).ToArray();
        await Task.WhenAll(missing.Select(async socket =>
        {
            await memberships.Load(socket, ct);
            if (socket.Joined) socket.Post(HubFrames.Make(HubFrames.Resume));
        }));
    }

    static async Task<bool> Next(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
