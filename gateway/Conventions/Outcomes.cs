using System.Globalization;
using EdTech.Contracts;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>Turns the reply of a command into an answer.</summary>
static class Outcomes
{
    public static Task WriteAsync(HttpContext http, string owner, string messageId, Actor actor, object? reply, Func<Done, string>? location)
    {
        switch (reply)
        {
            case null:
                http.MarkResponseStart();
                http.Response.StatusCode = StatusCodes.Status202Accepted;
                http.Response.Headers.Location = $"/v1/operations/{messageId}";
                return Task.CompletedTask;
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
}
