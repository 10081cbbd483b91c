using EdTech.Contracts;

namespace EdTech.Gateway;

/// <summary>A write that must not travel over the bus because it holds credentials: a synchronous call to the owning worker.</summary>
abstract class InternalWriteEndpoint<TRequest> : ApiEndpoint<TRequest>
    where TRequest : notnull
{
    /// <summary>Names the operation in the HTTP document; for one that answers nothing.</summary>
    protected void Describe(string summary, int done = 204, string? tag = null) => Describe(summary, done, tag, answer: null);

    /// <summary>Names the operation in the HTTP document.</summary>
    protected void Describe<TReply>(string summary, int done = 200, string? tag = null) => Describe(summary, done, tag, typeof(TReply));

    /// <summary>Calls the worker and passes its reply on under <paramref name="status"/>; a refusal becomes a problem.</summary>
    /// <param name="worker">Its short name: <c>users</c>.</param>
    /// <param name="path">Path and query of the internal route.</param>
    /// <param name="body">What the route takes: a record for JSON, or an <see cref="HttpContent"/> as it is.</param>
    /// <param name="ct">The request's token.</param>
    /// <param name="status">The status of success; 204 drops the reply.</param>
    /// <param name="location">Where what was made can be read.</param>
    protected async Task PostAsync<TReply>(string worker, string path, object? body, CancellationToken ct, int status = 200, Func<TReply, string>? location = null)
    {
        var terms = RequestTerms.Read(HttpContext, Actor);
        if (terms.Fault is { } fault)
        {
            await Problems.WriteFieldAsync(HttpContext, fault.Name, fault.Reason, fault.Code);
            return;
        }

        await HttpContext.RequestServices.GetRequiredService<WorkerClient>().PostAsync(HttpContext, Actor, terms, worker, path, body, status, location, ct);
    }

    /// <summary>As above for a route whose reply is not of interest.</summary>
    protected Task PostAsync(string worker, string path, object? body, CancellationToken ct, int status = 204)
        => PostAsync<Done>(worker, path, body, ct, status);
}
