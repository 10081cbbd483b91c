namespace EdTech.Hosting;

/// <summary>A question that an endpoint asks itself again and again, and whose answer ServicePulse shows. Asked only where <c>EDTECH_SERVICECONTROL=1</c>.</summary>
/// <param name="Id">What passes or fails, in people's words: <c>Mail server reachable</c>. One of this name in an endpoint.</param>
/// <param name="Category">Groups checks in ServicePulse.</param>
/// <param name="Interval">Time from one asking to the next.</param>
/// <param name="FailureOf">
/// Null when all is well, else the reason in one sentence, without secrets and personal data; what it throws is a reason as well. Given up after 10 s.
/// </param>
public sealed record CustomCheck(string Id, string Category, TimeSpan Interval, Func<IServiceProvider, CancellationToken, Task<string?>> FailureOf);
