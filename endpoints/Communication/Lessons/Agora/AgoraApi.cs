using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EdTech.Communication;

/// <summary>Agora says nothing about the outcome: no answer, too many calls, an error of its own. The call may have had its effect.</summary>
sealed class AgoraUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Agora has understood the call and said no: an outcome, not a failure.</summary>
/// <param name="status">HTTP's status.</param>
/// <param name="code">Agora's code; 0 when it gave none.</param>
sealed class AgoraRefusalException(HttpStatusCode status, int code) : Exception($"Agora refused with {(int)status}, code {code}.")
{
    /// <summary>A recorder of this resource runs already.</summary>
    const int AlreadyRunning = 7;

    /// <summary>A recorder with the same settings runs already under another resource.</summary>
    const int SameRunning = 53;

    const int ResourceExpired = 433;

    public int Code => code;

    public bool IsGone => status == HttpStatusCode.NotFound;

    public bool IsRunning => code is AlreadyRunning or SameRunning;

    public bool IsExpired => code is ResourceExpired;
}

/// <summary>What Agora says of a recorder that was stopped.</summary>
sealed record StoppedRecorder(bool Uploaded, IReadOnlyList<string> Files);

/// <summary>Everything that we ask of Agora over REST, and the only class that knows how.</summary>
sealed class AgoraApi(AgoraSettings settings, IHttpClientFactory clients)
{
    /// <summary>A recorder that is alone for so long leaves by itself, whatever we have forgotten.</summary>
    const int IdleSeconds = 60;

    /// <summary>Permission to start one recorder within five minutes.</summary>
    public async Task<string> Acquire(string channel, uint uid, CancellationToken ct)
    {
        var answer = await Post(Recorders("acquire"), new JsonObject { ["cname"] = channel, ["uid"] = Name(uid), ["clientRequest"] = new JsonObject { ["resourceExpiredHour"] = 24, ["scene"] = 0 } }, ct);
        return Text(answer, "resourceId");
    }

    /// <summary>Starts the recorder; its id. Its token ends with the lesson, and with it the recorder at the latest.</summary>
    public async Task<string> Start(string channel, uint uid, string resource, string token, CancellationToken ct)
    {
        var bucket = settings.Bucket;
        var answer = await Post(
            Recorders($"resourceid/{Uri.EscapeDataString(resource)}/mode/mix/start"),
            new JsonObject
            {
                ["cname"] = channel,
                ["uid"] = Name(uid),
                ["clientRequest"] = new JsonObject
                {
                    ["token"] = token,
                    ["recordingConfig"] = new JsonObject { ["maxIdleTime"] = IdleSeconds, ["streamTypes"] = 2, ["channelType"] = 0 },
                    ["recordingFileConfig"] = new JsonObject { ["avFileType"] = new JsonArray("hls", "mp4") },
                    ["storageConfig"] = new JsonObject
                    {
                        ["vendor"] = bucket.Vendor,
                        ["region"] = bucket.Region,
                        ["bucket"] = bucket.Name,
                        ["accessKey"] = bucket.Key,
                        ["secretKey"] = bucket.Secret,
                        ["fileNamePrefix"] = new JsonArray("lessons", channel.Replace("-", "", StringComparison.Ordinal)), // letters and digits only
                    },
                },
            },
            ct);
        return Text(answer, "sid");
    }

    /// <summary>Returns when the recorder runs; refused as gone when it does not.</summary>
    public Task Query(string resource, string sid, CancellationToken ct) => Send(HttpMethod.Get, Recorder(resource, sid, "query"), null, ct);

    public async Task<StoppedRecorder> Stop(string channel, uint uid, string resource, string sid, CancellationToken ct)
    {
        var answer = await Post(Recorder(resource, sid, "stop"), new JsonObject { ["cname"] = channel, ["uid"] = Name(uid), ["clientRequest"] = new JsonObject() }, ct);
        var server = answer["serverResponse"];
        return new StoppedRecorder(server?["uploadingStatus"]?.ToString() == "uploaded", AgoraFiles.Read(server?["fileList"]));
    }

    /// <summary>Sends somebody out of a channel and keeps them out for a while.</summary>
    public Task Kick(string channel, uint uid, TimeSpan time, CancellationToken ct)
        => Post(
            "/dev/v1/kicking-rule",
            new JsonObject
            {
                ["appid"] = settings.AppId,
                ["cname"] = channel,
                ["uid"] = uid,
                ["ip"] = "",
                ["time_in_seconds"] = (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 10, 86_400),
                ["privileges"] = new JsonArray("join_channel"),
            },
            ct);

    string Recorders(string rest) => $"/v1/apps/{settings.AppId}/cloud_recording/{rest}";

    string Recorder(string resource, string sid, string what) => Recorders($"resourceid/{Uri.EscapeDataString(resource)}/sid/{Uri.EscapeDataString(sid)}/mode/mix/{what}");

    static string Name(uint uid) => uid.ToString(CultureInfo.InvariantCulture);

    static string Text(JsonNode answer, string name) => answer[name]?.ToString() is { Length: > 0 } text ? text : throw new AgoraUnavailableException($"Agora's answer has no {name}.");

    Task<JsonNode> Post(string path, JsonObject body, CancellationToken ct) => Send(HttpMethod.Post, path, body, ct);

    async Task<JsonNode> Send(HttpMethod method, string path, JsonObject? body, CancellationToken ct)
    {
        try
        {
            using var client = clients.CreateClient(nameof(AgoraApi));
            using var request = new HttpRequestMessage(method, new Uri(settings.Api, path));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.CustomerId}:{settings.CustomerSecret}")));
            request.Content = body is null ? null : JsonContent.Create(body);
            using var response = await client.SendAsync(request, ct);
            // 206 and 201 mean that it is being done; whoever needs the result asks again.
            if (response.IsSuccessStatusCode)
                return await response.Content.ReadFromJsonAsync<JsonNode>(ct) ?? new JsonObject();
            if (response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Unauthorized)
                throw new AgoraUnavailableException($"Agora answered {(int)response.StatusCode}.");
            throw new AgoraRefusalException(response.StatusCode, await CodeOf(response, ct));
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or IOException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new AgoraUnavailableException($"Agora did not answer: {e.GetType().Name}.", e);
        }
    }

    static async Task<int> CodeOf(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<JsonNode>(ct) is JsonObject body && body["code"] is JsonValue code && code.TryGetValue(out int number) ? number : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }
}

/// <summary>Names of files, which Agora gives as a list of records, of one, or as one text.</summary>
static class AgoraFiles
{
    const int Most = 100;
    const int Longest = 500;

    public static IReadOnlyList<string> Read(JsonNode? list) => list switch
    {
        JsonArray files => [.. files.Select(f => f is JsonObject file ? file["fileName"]?.ToString() : f?.ToString()).OfType<string>().Where(f => f.Length is > 0 and <= Longest).Distinct(StringComparer.Ordinal).Take(Most)],
        JsonValue one when one.ToString() is { Length: > 0 and <= Longest } name => [name],
        _ => [],
    };
}
