using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Hosting;

/// <summary>A question that an endpoint asks itself again and again, and whose answer ServicePulse shows. Asked only where <c>EDTECH_SERVICECONTROL=1</c>.</summary>
/// <param name="Id">What passes or fails, in people's words: <c>Mail server reachable</c>. One of this name in an endpoint.</param>
/// <param name="Category">Groups checks in ServicePulse.</param>
/// <param name="Interval">Time from one asking to the next.</param>
/// <param name="FailureOf">
/// Null when all is well, else the reason in one sentence, without secrets and personal data; what it throws is a reason as well. Given up after 10 s.
/// </param>
public sealed record CustomCheck(string Id, string Category, TimeSpan Interval, Func<IServiceProvider, CancellationToken, Task<string?>> FailureOf)
{
    /// <summary>Passes when a server answers HTTP at all, be it "not found"; fails when it does not, or with an error of its own (5xx). Every minute.</summary>
    /// <param name="id">What is reached.</param>
    /// <param name="address">Where; asked without any key.</param>
    public static CustomCheck Reachable(string id, Func<IServiceProvider, Uri> address) => new(id, "Companies", TimeSpan.FromMinutes(1), async (services, ct) =>
    {
        using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        using var answer = await http.GetAsync(address(services), HttpCompletionOption.ResponseHeadersRead, ct);
        return (int)answer.StatusCode >= 500 ? $"{answer.RequestMessage?.RequestUri?.Host} answers {(int)answer.StatusCode}." : null;
    });
}
