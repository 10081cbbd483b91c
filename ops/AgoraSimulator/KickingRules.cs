using System.Text.Json.Nodes;

namespace EdTech.AgoraSimulator;

/// <summary>Agora's rules that send a number out of a channel and keep it out for a while.</summary>
static class KickingRules
{
    public static void Map(WebApplication app) => app.MapPost("/dev/v1/kicking-rule", (JsonObject body, SimulatedChannels channels, AgoraSimulatorSettings settings) =>
    {
        if (body["appid"]?.ToString() != settings.AppId || body["cname"]?.ToString() is not { Length: > 0 } channel || !uint.TryParse(body["uid"]?.ToString(), out var uid)
            || body["privileges"] is not JsonArray { Count: > 0 } || (int?)body["time_in_seconds"] is not (>= 10 and <= 86_400 and var seconds))
        {
            return Results.Json(new { message = "invalid parameter" }, statusCode: StatusCodes.Status400BadRequest);
        }

        channels.Kick(channel, uid, TimeSpan.FromSeconds(seconds));
        return Results.Json(new { status = "success", id = 1 });
    });
}
