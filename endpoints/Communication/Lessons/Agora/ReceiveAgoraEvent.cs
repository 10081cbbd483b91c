using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Communication;

/// <summary>
/// Takes Agora's webhooks in: signed with this platform's secret, each once. Agora gets its 200 when what follows from the event is in the outbox, and
/// repeats it otherwise. A notice's id makes repeats one; what is of no interest is taken and forgotten.
/// </summary>
static class ReceiveAgoraEvent
{
    const int MaxBytes = 256 * 1024;
    const int Channels = 1;
    const int Recorders = 3;

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/communication/agora-events", Handle);

    static async Task<IResult> Handle(HttpContext http, AgoraSettings agora, ITransactionalSession session, TimeProvider time, CancellationToken ct)
    {
        if (http.Request.ContentLength > MaxBytes)
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        // The signature is over the bytes as they came.
        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, ct);
        if (!Signed(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), http.Request.Headers, agora.WebhookSecret))
            return InternalApi.Refuse(RefusalKind.Invalid, "webhook.not_signed", "The event is not signed by Agora with this platform's secret.");
        if (Read(bytes.ToArray(), time.GetUtcNow()) is not { } follows)
            return Results.Ok();
        await session.Run(
            async context =>
            {
                foreach (var (message, id) in follows)
                    await context.SendLocal(message, new SendOptions(MessageId: id));
            },
            ct);
        return Results.Ok();
    }

    /// <summary>Agora signs twice; the stronger one counts where it is there.</summary>
    static bool Signed(ReadOnlySpan<byte> body, IHeaderDictionary headers, string secret)
    {
        var key = Encoding.UTF8.GetBytes(secret);
        return headers["Agora-Signature-V2"].ToString() is { Length: > 0 } strong
            ? Same(strong, HMACSHA256.HashData(key, body))
            : Same(headers["Agora-Signature"].ToString(), AgoraSha1.Hash(key, body));
    }

    static bool Same(string given, byte[] expected) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.Trim().ToLowerInvariant()), Encoding.UTF8.GetBytes(Convert.ToHexStringLower(expected)));

    /// <summary>What follows from an event; null for nothing. A signed text of another shape is an event of the future.</summary>
    static List<(object Message, string Id)>? Read(byte[] body, DateTimeOffset now)
    {
        try
        {
            if (JsonNode.Parse(body) is not JsonObject notice || notice["payload"] is not JsonObject payload || notice["noticeId"]?.ToString() is not { Length: > 0 and <= 200 } id)
                return null;
            var type = (int?)notice["eventType"];
            return (int?)notice["productId"] switch
            {
                Channels => Presence(type, payload, id, now),
                Recorders => Recorder(type, payload, id, now),
                _ => null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    static List<(object, string)>? Presence(int? type, JsonObject payload, string notice, DateTimeOffset now)
    {
        if (type is not (103 or 104 or 105 or 106 or 107 or 108) || !Guid.TryParse(payload["channelName"]?.ToString(), out var session) || !uint.TryParse(payload["uid"]?.ToString(), out var uid))
            return null;
        // The odd ones tell of joining: as host, as audience, in a channel without roles.
        var joined = type % 2 == 1;
        // Seconds, cut off. Who went has gone by the end of that second, or a ticket of the same second would seem to be of after it.
        var at = DateTimeOffset.FromUnixTimeSeconds(((long?)payload["ts"] ?? now.ToUnixTimeSeconds()) + (joined ? 0 : 1));
        return [(new RecordPresence(session, uid, joined, at, (long?)payload["clientSeq"] ?? 0, $"agora-{notice}"), $"agora/{notice}")];
    }

    static List<(object, string)>? Recorder(int? type, JsonObject payload, string notice, DateTimeOffset now)
    {
        if (!Guid.TryParse(payload["cname"]?.ToString(), out var session) || !uint.TryParse(payload["uid"]?.ToString(), out var uid) || payload["sid"]?.ToString() is not { Length: > 0 and <= 200 } sid)
            return null;
        var at = (long?)payload["sendts"] is { } sent ? DateTimeOffset.FromUnixTimeMilliseconds(sent) : now;
        RecorderOutcome? outcome = type switch
        {
            40 => new RecorderOutcome.Begun(sid, at),
            11 or 41 => new RecorderOutcome.Exited(at),
            31 or 32 => new RecorderOutcome.UploadDone(sid, AgoraFiles.Read(payload["details"]?["fileList"])),
            _ => null,
        };
        return outcome is null ? null : [(new RecordRecorderNotice(session, uid, sid, outcome), $"agora/{notice}")];
    }
}

/// <summary>Agora's older signature, which it sends beside the newer.</summary>
static class AgoraSha1
{
#pragma warning disable CA5350 // Not ours to choose.
    public static byte[] Hash(byte[] key, ReadOnlySpan<byte> body) => HMACSHA1.HashData(key, body);
#pragma warning restore CA5350
}
