using System.Globalization;
using System.Text.Json.Nodes;

namespace EdTech.AgoraSimulator;

/// <summary>Agora's cloud recording: acquire, start, query, stop.</summary>
static class CloudRecording
{
    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/v1/apps/{app}/cloud_recording");
        api.MapPost("/acquire", (string app, JsonObject body, SimulatedChannels channels, AgoraSimulatorSettings settings) => Known(app, settings, body, (channel, uid) => Results.Json(new { resourceId = channels.Acquire(channel, uid) })));
        api.MapPost("/resourceid/{resource}/mode/mix/start", Start);
        api.MapGet("/resourceid/{resource}/sid/{sid}/mode/mix/query", (string resource, string sid, SimulatedChannels channels)
            => channels.Running(resource, sid) is null ? Gone() : Results.Json(new { resourceId = resource, sid, serverResponse = new { status = 5 } }));
        api.MapPost("/resourceid/{resource}/sid/{sid}/mode/mix/stop", Stop);
    }

    static IResult Start(string app, string resource, JsonObject body, SimulatedChannels channels, AgoraSimulatorSettings settings) => Known(app, settings, body, (channel, uid) =>
    {
        if (body["clientRequest"]?["token"]?.ToString() is not { Length: > 3 })
        {
            return Refuse(2, "invalid parameter: token");
        }

        var (sid, code) = channels.Start(resource, channel, uid);
        return sid is null ? Refuse(code, "the recorder is not started") : Results.Json(new { resourceId = resource, sid });
    });

    static IResult Stop(string app, string resource, string sid, JsonObject body, SimulatedChannels channels, AgoraSimulatorSettings settings) => Known(app, settings, body, (_, _) =>
    {
        if (channels.Running(resource, sid) is not { } recorder)
        {
            return Gone();
        }

        channels.End(recorder);
        return Results.Json(new { resourceId = resource, sid, serverResponse = new { fileListMode = "json", fileList = Array.Empty<string>(), uploadingStatus = "unknown" } });
    });

    static IResult Known(string app, AgoraSimulatorSettings settings, JsonObject body, Func<string, uint, IResult> then)
        => app != settings.AppId ? Refuse(1001, "invalid appid")
            : body["cname"]?.ToString() is not { Length: > 0 and <= 64 } channel || !uint.TryParse(body["uid"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var uid) ? Refuse(2, "invalid parameter: cname or uid")
            : then(channel, uid);

    static IResult Refuse(int code, string reason) => Results.Json(new { code, reason }, statusCode: StatusCodes.Status400BadRequest);

    static IResult Gone() => Results.Json(new { code = 404, reason = "failed to find worker" }, statusCode: StatusCodes.Status404NotFound);
}
