using System.Globalization;
using EdTech.Contracts;
using EdTech.Hosting;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>A write that becomes a command on the bus. It waits for the outcome as long as the caller prefers.</summary>
abstract class CommandEndpoint<TRequest> : ApiEndpoint<TRequest>
    where TRequest : notnull
{
    RequestTerms? _terms;

    /// <summary>The version that the caller has seen, from <c>If-Match</c>; null when it gave none.</summary>
    protected long? IfMatch => Terms.IfMatch;

    RequestTerms Terms => _terms ??= RequestTerms.Read(HttpContext, Actor);

    /// <summary>Names the operation in the HTTP document.</summary>
    protected void Describe(string summary, int done = 200, string? tag = null) => Describe(summary, done, tag, typeof(Done));

    /// <summary>As above for a command whose reply is a record of its own.</summary>
    protected void Describe<TReply>(string summary, int done = 200, string? tag = null) => Describe(summary, done, tag, typeof(TReply));

    /// <summary>Sends the command and answers 200 with its reply (201 with a location), 202 with an operation to poll, or the refusal as a problem.</summary>
    protected async Task SendAsync(ICommand command, CancellationToken ct, Func<Done, string>? location = null)
    {
        if (Terms.Fault is { } fault)
        {
            await Problems.WriteFieldAsync(HttpContext, fault.Name, fault.Reason, fault.Code);
            return;
        }

        var services = HttpContext.RequestServices;
        var loads = services.GetRequiredService<WorkerLoads>();
        if (await loads.Take(HttpContext, loads.Commands(EndpointNames.OwnerOf(command.GetType())), always: true) is not { } place) return;
        var reply = await services.GetRequiredService<IMessageSession>().Request(command, new(Terms.MessageId, Terms.Wait, Actor.Id, Terms.RequestHash, place.Answered), ct);
        if (Terms.Applied is { } applied) HttpContext.Response.Headers["Preference-Applied"] = applied;
        await CommandAnswer.WriteAsync(HttpContext, command, Terms.MessageId, Actor, reply, location);
    }
}
