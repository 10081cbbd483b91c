namespace EdTech.StripeSimulator;

enum FaultKind
{
    TimeoutAfterEffect,
    TimeoutBeforeEffect,
    InternalError,
    InternalErrorAfterEffect,
    RateLimited,
    Delay,
}

/// <summary>A failure ordered by a test: for the next <see cref="Left"/> matching requests, each with a probability.</summary>
sealed class Fault(FaultKind kind, string? method, string? path, int left, double probability, int milliseconds, Random random)
{
    public FaultKind Kind => kind;
    public int Milliseconds => milliseconds;
    public int Left { get; private set; } = left;

    public bool Strikes(string requestMethod, string requestPath)
    {
        if (Left <= 0 || (method is not null && !method.Equals(requestMethod, StringComparison.OrdinalIgnoreCase)) || (path is not null && !requestPath.StartsWith(path, StringComparison.Ordinal))
            || (probability < 1 && random.NextDouble() >= probability))
        {
            return false;
        }

        Left--;
        return true;
    }
}

/// <summary>The faults on demand. They are not journalled: a restarted simulator is a healthy one.</summary>
sealed class RequestFaults
{
    readonly List<Fault> _faults = [];

    public Fault? Next(string method, string path)
    {
        lock (_faults)
        {
            if (_faults.Count == 0)
            {
                return null;
            }

            var strikes = _faults.Find(fault => fault.Strikes(method, path));
            _faults.RemoveAll(fault => fault.Left <= 0);
            return strikes;
        }
    }

    public void Add(Fault fault)
    {
        lock (_faults)
        {
            _faults.Add(fault);
        }
    }

    public void Clear()
    {
        lock (_faults)
        {
            _faults.Clear();
        }
    }
}
