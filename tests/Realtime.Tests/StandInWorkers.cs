using System.Collections.Concurrent;
using System.Security.Cryptography;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace EdTech.Realtime.Tests;

/// <summary>Answers what the gateway asks of users and communication, from what the test says.</summary>
sealed class StandInWorkers : IAsyncDisposable
{
    readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Guid, byte>> _members = new();
    readonly ConcurrentDictionary<Guid, byte> _blocked = new();
    readonly ConcurrentDictionary<Guid, MessageView> _messages = new();
    readonly WebApplication _app;

    StandInWorkers(WebApplication app, Uri url)
    {
        _app = app;
        Url = url;
    }

    /// <summary>How far every conversation goes.</summary>
    public const long LastSequence = 12;

    public Uri Url { get; }

    /// <summary>Answers nothing about these accounts' conversations but 503.</summary>
    public ConcurrentDictionary<Guid, byte> Away { get; } = new();

    public static async Task<StandInWorkers> Start(ECDsa key)
    {
        var url = new Uri($"http://127.0.0.1:{Infrastructure.FreePort()}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url.ToString());
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var workers = new StandInWorkers(app, url);
        var point = key.ExportParameters(false).Q;
        app.MapGet("/health/ready", () => "ready");
        app.MapGet("/internal/users/jwks", () => Results.Text(
            $$"""{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"test","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}]}""", "application/json"));
        app.MapGet("/internal/communication/conversation-ids", (HttpContext http) =>
            workers.Away.ContainsKey(http.Actor().Id) ? Results.StatusCode(503) : Results.Json(workers._members.Where(c => c.Value.ContainsKey(http.Actor().Id)).Select(c => c.Key).ToArray(), CommunicationJson.Web.GuidArray));
        app.MapGet("/internal/communication/conversations/{id:guid}/access", (Guid id, HttpContext http) => workers.IsMember(id, http)
            ? Results.Json(new ConversationAccess(ConversationKind.Group, false, !workers._blocked.ContainsKey(id), LastSequence), CommunicationJson.Web.ConversationAccess)
            : NotAMember());
        app.MapGet("/internal/communication/conversations/{id:guid}/members", (Guid id, HttpContext http) => workers.IsMember(id, http)
            ? Results.Json(new Page<MemberView>([.. workers._members[id].Keys.Select(a => new MemberView(a, false, DateTimeOffset.UtcNow, 0))], null), CommunicationJson.Web.PageMemberView)
            : NotAMember());
        app.MapGet("/internal/communication/conversations/{id:guid}/entries", (Guid id, long after, HttpContext http) => workers.IsMember(id, http)
            ? Results.Json(new EntryPage([new ChatEntry(after + 1, 1, EntryKind.Posted, Guid.Empty, Guid.Empty, DateTimeOffset.UnixEpoch, Guid.Empty, "missed")], after + 1, false), CommunicationJson.Web.EntryPage)
            : NotAMember());
        app.MapGet("/internal/communication/conversations/{id:guid}/messages/{messageId:guid}", (Guid id, Guid messageId, HttpContext http) =>
            !workers.IsMember(id, http) ? NotAMember()
            : workers._messages.TryGetValue(messageId, out var message) ? Results.Json(message, CommunicationJson.Web.MessageView)
            : InternalApi.Refuse(RefusalKind.NotFound, "message.not_found", "There is no such message."));
        await app.StartAsync();
        return workers;
    }

    /// <summary>A new conversation of these people.</summary>
    public Guid Conversation(params Somebody[] members)
    {
        var id = Guid.CreateVersion7();
        _members[id] = new(members.Select(m => KeyValuePair.Create(m.AccountId, (byte)0)));
        return id;
    }

    public void Add(Guid conversation, Somebody person) => _members[conversation][person.AccountId] = 0;

    public void Remove(Guid conversation, Somebody person) => _members[conversation].TryRemove(person.AccountId, out _);

    public void Block(Guid conversation) => _blocked[conversation] = 0;

    public Guid Message(Somebody author, bool deleted = false)
    {
        var id = Guid.CreateVersion7();
        _messages[id] = new MessageView(id, 1, 1, author.AccountId, DateTimeOffset.UtcNow, "said", null, [], [], [], null, deleted ? DateTimeOffset.UtcNow : null);
        return id;
    }

    bool IsMember(Guid conversation, HttpContext http) => _members.TryGetValue(conversation, out var members) && members.ContainsKey(http.Actor().Id);

    static IResult NotAMember() => InternalApi.Refuse(RefusalKind.NotFound, "conversation.not_a_member", "You are not a member of this conversation.");

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
