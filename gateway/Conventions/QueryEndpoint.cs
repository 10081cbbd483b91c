using System.Globalization;
using System.Text;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>A read: a worker's internal query, asked on behalf of the caller, its view passed on unchanged.</summary>
abstract class QueryEndpoint<TRequest, TView> : ApiEndpoint<TRequest>
    where TRequest : notnull
{
    /// <summary>Names the operation in the HTTP document.</summary>
    protected void Describe(string summary, int done = 200, string? tag = null) => Describe(summary, done, tag, typeof(TView));

    /// <summary>Asks <paramref name="worker"/> and passes its answer on; a refusal becomes a problem.</summary>
    /// <param name="worker">Its short name: <c>learning</c>.</param>
    /// <param name="path">Path and query of the internal route; see <see cref="WithQuery"/>.</param>
    /// <param name="ct">The request's token.</param>
    /// <param name="cache">Set for answers that are public and equal for every caller: they are asked for as nobody and kept until an event evicts them.</param>
    protected Task ForwardAsync(string worker, string path, CancellationToken ct, Cache? cache = null)
        => HttpContext.RequestServices.GetRequiredService<WorkerClient>().ForwardAsync(HttpContext, Actor, worker, path, cache, ct);

    /// <summary>Appends query parameters, escaped; those without a value are left out, lists are repeated.</summary>
    protected static string WithQuery(string path, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var url = new StringBuilder(path);
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in parameters)
        {
            foreach (var text in Texts(value))
            {
                url.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(text));
                separator = '&';
            }
        }

        return url.ToString();
    }

    static IEnumerable<string> Texts(object? value) => value switch
    {
        null => [],
        string text => [text],
        bool flag => [flag ? "true" : "false"],
        Enum word => [System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(word.ToString())],
        DateTimeOffset instant => [instant.ToString("O", CultureInfo.InvariantCulture)],
        System.Collections.IEnumerable list => list.Cast<object?>().SelectMany(Texts),
        _ => [Convert.ToString(value, CultureInfo.InvariantCulture)!],
    };
}

/// <summary>That an answer is public and may be kept, and under which tags it is evicted.</summary>
/// <param name="Tags">What the answer depends on; <see cref="CacheEvictions"/> has the names and the events.</param>
sealed record Cache(params IReadOnlyList<string> Tags)
{
    /// <summary>How long it is kept when no event evicts it.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromSeconds(30);
}
