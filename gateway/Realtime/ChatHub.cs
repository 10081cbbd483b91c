using System.Globalization;
using System.Text.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using Microsoft.AspNetCore.SignalR;

namespace EdTech.Gateway;

/// <summary>
/// <c>/hubs/chat</c>: what people do in conversations while they look at them. A call is done when Kafka has it; what everybody then sees comes back
/// as frames (<see cref="FrameTypes"/>, <see cref="HubFrames"/>), to its author too. Errors are <c>code: sentence</c>.
/// </summary>
sealed class ChatHub(ChatIntake intake, ConversationAccesses accesses, HubSockets sockets, FanOut fanOut, Memberships memberships, Presence presence, WorkerClient workers, AccessTokens tokens) : Hub
{
    const int MaxWatched = 200;
    const int CatchUp = 200;

    HubSocket Socket => sockets.TryFind(Context.ConnectionId, out var socket) ? socket : throw new HubException("connection.closing: This connection is ending.");

    Actor By => Socket.By;

    public override async Task OnConnectedAsync()
    {
        var socket = Socket;
        if (socket.IsClosing) return;
        await memberships.Load(socket, Context.ConnectionAborted);
        if (!fanOut.IsHealthy || !socket.Joined) socket.Post(HubFrames.Make(HubFrames.Degraded));
        await presence.Arrive(socket.By.Id);
    }

    public async Task<MessageAccepted> Send(SendRequest message)
    {
        Check(await intake.Post(By, message.ConversationId, new ChatMessage(message.MessageId, message.Text, message.ReplyTo, message.Mentions, message.Attachments), Context.ConnectionAborted));
        return new(message.MessageId);
    }

    public async Task<MessageAccepted> Edit(EditRequest edit)
    {
        Check(await intake.Edit(By, edit.ConversationId, edit.RecordId, edit.MessageId, edit.Text, edit.Mentions, Context.ConnectionAborted));
        return new(edit.RecordId);
    }

    public async Task<MessageAccepted> Delete(DeleteRequest delete)
    {
        Check(await intake.Delete(By, delete.ConversationId, delete.RecordId, delete.MessageId, Context.ConnectionAborted));
        return new(delete.RecordId);
    }

    public async Task<MessageAccepted> React(ReactRequest reaction)
    {
        Check(await intake.React(By, reaction.ConversationId, reaction.RecordId, reaction.MessageId, reaction.Emoji, reaction.Removed, Context.ConnectionAborted));
        return new(reaction.RecordId);
    }

    public async Task Read(Guid conversationId, long sequence) => Check(await intake.Read(By, conversationId, sequence, Context.ConnectionAborted));

    /// <summary>Shown to the others for six seconds. More often than every two it is not passed on; while Redis is away, not at all.</summary>
    public async Task Typing(Guid conversationId)
    {
        if (!Socket.Allowance.MayTellTyping(conversationId)) return;
        var access = await Access(conversationId);
        if (access.MayPost) await fanOut.Publish(RealtimeChannels.Conversation(conversationId), new RealtimeFrame(FrameTypes.Typing, conversationId, By.Id));
    }

    /// <summary>What a client missed: the entries after the last that it has.</summary>
    public async Task<EntryPage> Resume(Guid conversationId, long afterSequence)
    {
        HubTelemetry.Resumes.Add(1);
        if (afterSequence < 0) throw new HubException("request.invalid: afterSequence: It must be 0 or a sequence.");
        var answer = await Ask(string.Create(CultureInfo.InvariantCulture, $"/internal/communication/conversations/{conversationId}/entries?after={afterSequence}&limit={CatchUp}"));
        return JsonSerializer.Deserialize(answer.Span, CommunicationJson.Web.EntryPage)!;
    }

    /// <summary>Who of a conversation is there; from now on their coming and going is told, until another conversation is watched.</summary>
    public async Task<PresenceView[]> WatchPresence(Guid conversationId)
    {
        var access = await Access(conversationId);
        if (!access.MayPost) throw Refusal(new Refused(RefusalKind.Forbidden, "conversation.blocked", "One of you has blocked the other."));
        var answer = await Ask(string.Create(CultureInfo.InvariantCulture, $"/internal/communication/conversations/{conversationId}/members?limit={MaxWatched}"));
        var socket = Socket;
        Guid[] others = [.. JsonSerializer.Deserialize(answer.Span, CommunicationJson.Web.PageMemberView)!.Items.Select(m => m.AccountId).Where(a => a != socket.By.Id).Take(MaxWatched)];
        await fanOut.Watch(socket, conversationId, others);
        var views = await presence.Of(others);
        foreach (var view in views.Where(v => v.Status != Presence.Unknown)) fanOut.Know(view.AccountId, view.Status);
        return views;
    }

    /// <summary>Goes on with a newer token of the same account, so that the connection outlives the old one.</summary>
    public async Task<RenewedToken> Renew(string token)
    {
        var socket = Socket;
        if (await tokens.Check(token, Context.ConnectionAborted) is not { } caller || caller.FindFirst("sub")?.Value != socket.By.Id.ToString())
            throw new HubException("token.refused: This is no valid access token of the same account.");
        socket.Take(caller);
        await memberships.Load(socket, Context.ConnectionAborted);
        return new(socket.ExpiresAt);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (sockets.TryFind(Context.ConnectionId, out var socket)) fanOut.DropAll(socket);
        return Task.CompletedTask;
    }

    async Task<ConversationAccess> Access(Guid conversationId)
    {
        var (access, refused) = await accesses.Of(By, conversationId, Context.ConnectionAborted);
        Check(refused);
        return access!;
    }

    async Task<ReadOnlyMemory<byte>> Ask(string path)
    {
        var answer = await workers.GetAsync(By, "communication", path, Context.ConnectionAborted);
        return answer.Status == StatusCodes.Status200OK ? answer.Body : throw (WorkerClient.Refusal(answer) is { } refused ? Refusal(refused) : new HttpRequestException("The worker failed."));
    }

    static void Check(Refused? refused)
    {
        if (refused is not null) throw Refusal(refused);
    }

    static HubException Refusal(Refused refused) => new($"{refused.Code}: {refused.Message}");
}
