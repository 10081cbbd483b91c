namespace EdTech.AgoraSimulator;

/// <summary>What tests and developers do to the simulator: people come and go, calls fail, webhooks misbehave.</summary>
static class AgoraControl
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/", () => "A simulator of Agora.");
        app.MapGet("/simulator/channels/{channel}", (string channel, SimulatedChannels channels) => channels.State(channel));
        app.MapPost("/simulator/channels/{channel}/{uid}/join", (string channel, uint uid, SimulatedChannels channels) => channels.Join(channel, uid) ? Results.Ok() : Results.StatusCode(StatusCodes.Status403Forbidden));
        app.MapPost("/simulator/channels/{channel}/{uid}/leave", (string channel, uint uid, SimulatedChannels channels) => channels.Leave(channel, uid));
        app.MapPost("/simulator/channels/{channel}/end-recorders", (string channel, SimulatedChannels channels) => channels.EndAll(channel));
        app.MapPost("/simulator/webhooks", (AgoraWebhookMode mode, AgoraWebhooks webhooks) => webhooks.Mode = mode);
        app.MapPost("/simulator/faults", (AgoraFault fault, AgoraFaults faults) =>
        {
            if (!AgoraFault.Kinds.Contains(fault.Kind) || fault.Count < 1)
            {
                return Results.BadRequest($"A fault is one of {string.Join(", ", AgoraFault.Kinds)}, 1 or more times.");
            }

            faults.Add(fault);
            return Results.Ok();
        });
        app.MapDelete("/simulator/faults", (AgoraFaults faults) => faults.Clear());
    }
}
