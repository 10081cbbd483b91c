using System.Globalization;
using EdTech.Contracts;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>Turns the reply of a command into an answer.</summary>
static class CommandAnswer
{
    public static Task WriteAsync(HttpContext http, ICommand command, string messageId, Actor actor, object? reply, Func<Done, string>? location)
    {
        switch (reply)
        {
            case null:
                return WritePendingAsync(http, command, messageId, actor, location);
            case Refused refused:
                return Problems.WriteAsync(http, refused);
            default:
                http.MarkResponseStart();
                http.Response.StatusCode = StatusCodes.Status200OK;
                if (reply is Done done)
                {
                    if (done.Version > 0) http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{done.Version}\"");
                    if (location is not null)
                    {
                        http.Response.StatusCode = StatusCodes.Status201Created;
                        http.Response.Headers.Location = location(done);
                    }
                }

                return http.Response.WriteAsJsonAsync(reply, reply.GetType(), http.RequestAborted);
        }
    }

    static Task WritePendingAsync(HttpContext http, ICommand command, string messageId, Actor actor, Func<Done, string>? location)
    {
        var owner = EndpointNames.OwnerOf(command.GetType());
        var worker = owner[(owner.LastIndexOf('.') + 1)..].ToLowerInvariant();
        var id = http.RequestServices.GetRequiredService<OperationIds>().Make(worker, messageId, actor, location);
        http.MarkResponseStart();
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.Headers.Location = $"/v1/operations/{id}";
        http.Response.Headers.RetryAfter = "1";
        return http.Response.WriteAsJsonAsync(new OperationView(id, OperationStatus.Pending), GatewayJson.Default.OperationView, cancellationToken: http.RequestAborted);
    }
}
