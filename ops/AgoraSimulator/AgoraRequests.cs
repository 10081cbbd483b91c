using System.Security.Cryptography;
using System.Text;

namespace EdTech.AgoraSimulator;

/// <summary>A failure ordered by a test, for the next requests whose path contains a word.</summary>
/// <param name="Kind"><c>500</c>, <c>429</c>, <c>500_after_effect</c>, <c>timeout_before_effect</c>, <c>timeout_after_effect</c>.</param>
/// <param name="Path">A part of the path: <c>start</c>.</param>
/// <param name="Count">How many requests it meets.</param>
sealed record AgoraFault(string Kind, string Path, int Count)
{
    public static readonly string[] Kinds = ["500", "429", "500_after_effect", "timeout_before_effect", "timeout_after_effect"];
}

sealed class AgoraFaults
{
    readonly Lock _gate = new();
    readonly List<AgoraFault> _faults = [];

    public void Add(AgoraFault fault)
    {
        lock (_gate)
        {
            _faults.Add(fault);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _faults.Clear();
        }
    }

    public string? Next(string path)
    {
        lock (_gate)
        {
            var at = _faults.FindIndex(f => path.Contains(f.Path, StringComparison.Ordinal));
            if (at < 0)
            {
                return null;
            }

            var fault = _faults[at];
            if (fault.Count > 1)
            {
                _faults[at] = fault with { Count = fault.Count - 1 };
            }
            else
            {
                _faults.RemoveAt(at);
            }

            return fault.Kind;
        }
    }
}

/// <summary>Checks the caller's name and password, and fails as it was told to.</summary>
sealed class AgoraRequests(RequestDelegate next, AgoraSimulatorSettings settings, AgoraFaults faults)
{
    readonly byte[] _authorization = Encoding.UTF8.GetBytes("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.CustomerId}:{settings.CustomerSecret}")));

    public async Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        if (path.StartsWith("/simulator", StringComparison.Ordinal) || path == "/")
        {
            await next(http);
            return;
        }

        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()), _authorization))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await http.Response.WriteAsJsonAsync(new { message = "Invalid authentication credentials" });
            return;
        }

        switch (faults.Next(path))
        {
            case "429":
                http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return;
            case "500":
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case "timeout_before_effect":
                http.Abort();
                return;
            case "500_after_effect":
                await WithoutAnswer(http);
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case "timeout_after_effect":
                await WithoutAnswer(http);
                http.Abort();
                return;
            default:
                await next(http);
                return;
        }
    }

    async Task WithoutAnswer(HttpContext http)
    {
        var answer = http.Response.Body;
        http.Response.Body = Stream.Null;
        await next(http);
        if (!http.Response.HasStarted)
        {
            http.Response.Clear();
        }

        http.Response.Body = answer;
    }
}
