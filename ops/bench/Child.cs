using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace EdTech.Bench;

/// <summary>This program again, in a role of its own process, so that its processor time can be told from the load's.</summary>
sealed class Child : IAsyncDisposable
{
    readonly Process _process;
    readonly Channel<string> _done = Channel.CreateUnbounded<string>();
    readonly List<string> _printed = [];
    Sample _last = new(0, Stopwatch.GetTimestamp());

    sealed record Sample(long Count, long At);

    Child(Process process) => _process = process;

    public int Id => _process.Id;

    public static Child Start(string role, params IEnumerable<string> args)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(Child).Assembly.Location);
        start.ArgumentList.Add(role);
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        var child = new Child(Process.Start(start)!);
        child._process.OutputDataReceived += (_, line) => child.Hear(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Hear(line.Data);
        child._process.Exited += (_, _) => child._done.Writer.TryComplete(new InvalidOperationException($"{role} ended with {child._process.ExitCode}:\n{child.Printed}"));
        child._process.EnableRaisingEvents = true;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Gives an order and waits until it is carried out. The child counts from 0 afterwards.</summary>
    /// <returns>What the child has to say about it.</returns>
    public async Task<string> Tell(string order)
    {
        await _process.StandardInput.WriteLineAsync(order);
        await _process.StandardInput.FlushAsync();
        return await _done.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    string Printed
    {
        get
        {
            lock (_printed)
            {
                return string.Join('\n', _printed.TakeLast(40));
            }
        }
    }

    /// <summary>
    /// Measures from the moment <paramref name="warmUp"/> have been counted until <paramref name="duration"/> is over or all
    /// <paramref name="total"/> are counted.
    /// </summary>
    public async Task<Rate> Measure(long warmUp, long total, TimeSpan duration, Ground ground, CancellationToken ct = default)
    {
        var start = await Reached(warmUp, TimeSpan.FromSeconds(60), ct);
        var load = ground.StartLoad(Id);
        var end = await Reached(total, duration, ct);
        var count = end.Count - start.Count;
        var seconds = Stopwatch.GetElapsedTime(start.At, end.At).TotalSeconds;
        return load.End(count, seconds);
    }

    public async Task ReachedAll(long total, TimeSpan patience) => _ = (await Reached(total, patience, default)).Count >= total
        ? 0
        : throw new TimeoutException($"Only {_last.Count} of {total} were done within {patience.TotalSeconds} s. The child printed:\n{Printed}");

    async Task<Sample> Reached(long count, TimeSpan atMost, CancellationToken ct)
    {
        var since = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Volatile.Read(ref _last) is var last && last.Count < count && Stopwatch.GetElapsedTime(since) < atMost)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The child ended with {_process.ExitCode}:\n{Printed}");
            }

            await timer.WaitForNextTickAsync(ct);
        }

        return Volatile.Read(ref _last);
    }

    void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        var words = line.Split(' ', 3);
        switch (words[0])
        {
            case "done":
                Volatile.Write(ref _last, new Sample(0, Stopwatch.GetTimestamp()));
                _done.Writer.TryWrite(words.Length > 1 ? words[1] : "");
                break;
            case "count":
                Volatile.Write(ref _last, new Sample(long.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture)));
                break;
            default:
                lock (_printed)
                {
                    _printed.Add(line);
                }

                break;
        }
    }

    /// <summary>The other side: carries out orders and reports <paramref name="count"/> all the time, until the parent is gone or lets go.</summary>
    public static async Task Serve(Func<string[], Task<string>> obey, Func<long> count)
    {
        var said = -1L;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var orders = Task.Run(async () =>
        {
            while (await Console.In.ReadLineAsync() is { } order)
            {
                await Console.Out.WriteLineAsync($"done {await obey(order.Split(' '))}");
                Volatile.Write(ref said, -1);
            }
        });
        while (!orders.IsCompleted)
        {
            var now = count();
            if (Interlocked.Exchange(ref said, now) != now)
            {
                await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"count {now} {Stopwatch.GetTimestamp()}"));
            }

            await timer.WaitForNextTickAsync();
        }

        await orders;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
