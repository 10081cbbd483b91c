using EdTech.Hosting;
using Microsoft.AspNetCore.SignalR;

namespace EdTech.Gateway;

/// <summary>What holds for every call of a client: its token still counts, it does not call too often, and what goes wrong inside stays inside.</summary>
sealed class HubRules(HubSockets sockets, RevokedTokens revoked, TimeProvider time, ILogger<HubRules> log) : IHubFilter
{
    /// <summary>A client that goes on calling so often after being told not to is a flood.</summary>
    const int MaxRefused = 200;

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (!sockets.TryFind(invocationContext.Context.ConnectionId, out var socket) || socket.IsClosing) throw new HubException("connection.closing: This connection is ending.");
        if (socket.ExpiresAt <= time.GetUtcNow()) throw new HubException("token.expired: The access token has ended. Connect again with a new one.");
        if (revoked.IsRevoked(socket.SessionId, socket.By.Id, socket.IssuedAt)) throw new HubException("session.revoked: This session was signed out.");
        if (!socket.Allowance.TryTake())
        {
            if (socket.Allowance.Refused > MaxRefused) socket.Close("connection.too_fast", "Too many calls. Wait, then connect again.");
            throw new HubException("rate_limited: Too many calls. Wait a second.");
        }

        if (invocationContext.HubMethodArguments.Contains(null)) throw new HubException("request.invalid: An argument is missing.");
        try
        {
            return await next(invocationContext);
        }
        catch (StreamUnavailableException exception)
        {
            throw new HubException("chat.unavailable: The message could not be taken for the moment. Send it again.", exception);
        }
        catch (Exception exception) when (WorkerClient.MeansAway(exception))
        {
            log.LogWarning("A worker did not answer {Method}: {Reason}", invocationContext.HubMethodName, exception.GetType().Name);
            throw new HubException("worker.unavailable: The part of the platform that holds the answer is away for the moment. Try again.", exception);
        }
        catch (Exception exception) when (exception is not (HubException or OperationCanceledException))
        {
            log.LogError(exception, "{Method} failed", invocationContext.HubMethodName);
            throw new HubException("internal_error: Something went wrong on our side.", exception);
        }
    }
}
