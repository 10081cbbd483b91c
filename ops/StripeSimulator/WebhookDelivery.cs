using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace EdTech.StripeSimulator;

/// <summary>How webhooks misbehave, for tests of receivers: late, repeated, out of order, lost, or not at all until released.</summary>
sealed record WebhookMode(int DelayMilliseconds = 0, int Duplicate = 0, bool Shuffle = false, double Drop = 0, bool Hold = false, int Seed = 1);

/// <summary>
/// Posts every event to the receiver, signed, again and again until it answers 2xx. What was undelivered when the simulator
/// died is delivered after its restart.
/// </summary>
sealed class WebhookDelivery : BackgroundService
{
    readonly Simulation _simulation;
    readonly ILogger<WebhookDelivery> _log;
    readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(20) };
    readonly SemaphoreSlim _work = new(0);
    readonly SemaphoreSlim _slots;
    readonly Lock _gate = new();
    readonly List<(StripeEvent Event, int Attempt)> _ready = [];
    readonly PriorityQueue<(StripeEvent Event, int Attempt), DateTime> _later = new();
    int _taken;
    DateTime _pausedUntil;
    WebhookMode _mode = new();
    Random _random = new(1);
    long _lastSequence;

    public WebhookDelivery(Simulation simulation, ILogger<WebhookDelivery> log)
    {
        (_simulation, _log) = (simulation, log);
        _slots = new SemaphoreSlim(simulation.Settings.Deliveries);
        lock (simulation.Gate)
        {
            TakeNew();
            simulation.EventsCommitted = TakeNew;
        }
    }

    public WebhookMode Mode
    {
        get
        {
            lock (_gate)
            {
                return _mode;
            }
        }

        set
        {
            lock (_gate)
            {
                _mode = value;
                _random = new Random(value.Seed);
            }

            _work.Release();
        }
    }

    /// <summary>Events that have not reached the receiver.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _ready.Count - _taken + _later.Count;
            }
        }
    }

    /// <summary>Sends an event again, delivered or not; the mode's loss does not apply.</summary>
    public void Resend(IEnumerable<StripeEvent> events)
    {
        lock (_gate)
        {
            _ready.AddRange(events.Select(entry => (entry, 0)));
        }

        _work.Release();
    }

    public void Forget()
    {
        lock (_gate)
        {
            _ready.Clear();
            _later.Clear();
            _taken = 0;
            _mode = new WebhookMode();
        }
    }

    // Under the simulation's lock.
    void TakeNew()
    {
        var all = _simulation.Events.All;
        if (_simulation.Settings.WebhookUrl is null)
        {
            return;
        }

        lock (_gate)
        {
            // The log forgets old events from its start, so new ones are found from its end.
            var newest = all.Count - 1;
            var first = newest + 1;
            while (first > 0 && all[first - 1].Sequence > _lastSequence)
            {
                first--;
            }

            for (; first <= newest; first++)
            {
                var entry = all[first];
                _lastSequence = entry.Sequence;
                if (!entry.Undelivered)
                {
                    continue;
                }

                if (_mode.Drop > 0 && _random.NextDouble() < _mode.Drop)
                {
                    // Lost until somebody asks for it again; Stripe too gives up at some time.
                    continue;
                }

                for (var copy = 0; copy <= _mode.Duplicate; copy++)
                {
                    if (_mode.DelayMilliseconds > 0)
                    {
                        _later.Enqueue((entry, 0), DateTime.UtcNow.AddMilliseconds(_mode.DelayMilliseconds));
                    }
                    else
                    {
                        _ready.Add((entry, 0));
                    }
                }
            }
        }

        _work.Release();
    }



    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (next, attempt, wait) = Next();
            if (next is null)
            {
                await _work.WaitAsync(wait, stoppingToken);
                continue;
            }

            await _slots.WaitAsync(stoppingToken);
            _ = Deliver(next, attempt, stoppingToken);
        }
    }

    (StripeEvent? Event, int Attempt, TimeSpan Wait) Next()
    {
        lock (_gate)
        {
            var now = DateTime.UtcNow;
            while (_later.TryPeek(out var due, out var at) && at <= now)
            {
                _later.Dequeue();
                _ready.Add(due);
            }

            if (_mode.Hold)
            {
                return (null, 0, TimeSpan.FromSeconds(5));
            }

            if (_pausedUntil > now)
            {
                return (null, 0, _pausedUntil - now + TimeSpan.FromMilliseconds(1));
            }

            if (_taken == _ready.Count)
            {
                return (null, 0, _later.TryPeek(out _, out var next) ? next - now + TimeSpan.FromMilliseconds(1) : TimeSpan.FromSeconds(5));
            }

            if (_mode.Shuffle)
            {
                var other = _random.Next(_taken, _ready.Count);
                (_ready[_taken], _ready[other]) = (_ready[other], _ready[_taken]);
            }

            var (found, attempt) = _ready[_taken++];
            if (_taken == _ready.Count || _taken > 10_000)
            {
                _ready.RemoveRange(0, _taken);
                _taken = 0;
            }

            return (found, attempt, TimeSpan.Zero);
        }
    }

    async Task Deliver(StripeEvent entry, int attempt, CancellationToken stopping)
    {
        var (arrived, answered) = (false, false);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _simulation.Settings.WebhookUrl);
            byte[] body;
            lock (_simulation.Gate)
            {
                body = entry.Body();
            }

            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            request.Headers.TryAddWithoutValidation("Stripe-Signature", Signature(_simulation.Settings.WebhookSecret, body));
            request.Headers.UserAgent.ParseAdd("Stripe/1.0");
            using var response = await _http.SendAsync(request, stopping);
            (arrived, answered) = (response.IsSuccessStatusCode, true);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            _log.LogDebug("Event {EventId} did not reach the receiver: {Reason}", entry.Id, failure.Message);
        }
        finally
        {
            _slots.Release();
        }

        if (arrived)
        {
            lock (_simulation.Gate)
            {
                if (entry.Undelivered)
                {
                    _simulation.Delivered(entry);
                }
            }

            return;
        }

        var settings = _simulation.Settings;
        var wait = TimeSpan.FromMilliseconds(Math.Min(settings.FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 20)), settings.LongestRetry.TotalMilliseconds));
        lock (_gate)
        {
            _later.Enqueue((entry, attempt + 1), DateTime.UtcNow + wait);
            if (!answered)
            {
                // Nobody is there: the others wait too, instead of all knocking in vain.
                _pausedUntil = DateTime.UtcNow + settings.FirstRetry;
            }
        }

        _work.Release();
    }

    /// <summary>Signed with the real time: receivers compare it with their own clock, not with the simulator's.</summary>
    public static string Signature(string secret, ReadOnlySpan<byte> body)
    {
        var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signed = new byte[32 + body.Length];
        var length = Encoding.UTF8.GetBytes($"{time}.", signed);
        body.CopyTo(signed.AsSpan(length));
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed.AsSpan(0, length + body.Length)))}";
    }

    public override void Dispose()
    {
        _http.Dispose();
        _work.Dispose();
        _slots.Dispose();
        base.Dispose();
    }
}
