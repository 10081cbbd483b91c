using System.Text.Json;

namespace EdTech.StripeSimulator;

/// <summary>
/// Everything the simulator knows, behind one lock. What a request changes is written to the journal as one line before its answer leaves,
/// so that a killed simulator comes back with all that it ever answered.
/// </summary>
sealed class Simulation : IDisposable
{
    readonly SimulatorSettings _settings;
    readonly SimulatorJournal _journal;
    readonly Dictionary<string, ITable> _tables = [];
    readonly List<(ITable Table, StripeObject Saved)> _saved = [];
    readonly List<StripeEvent> _emitted = [];
    readonly PriorityQueue<(ITable Table, StripeObject Waiting), (long Due, long Sequence)> _due = new();
    readonly Queue<KeptAnswer> _answersByAge = new();
    readonly Dictionary<string, KeptAnswer> _answers = [];
    long _sequence;
    long _offset;
    long? _at;

    public Simulation(SimulatorSettings settings)
    {
        _settings = settings;
        Customers = Has(new Table<Customer>(this, "customer", "cus_", customer => customer.Email));
        PaymentMethods = Has(new Table<PaymentMethod>(this, "payment_method", "pm_", method => method.Customer));
        PaymentIntents = Has(new Table<PaymentIntent>(this, "payment_intent", "pi_", intent => intent.Customer));
        Charges = Has(new Table<Charge>(this, "charge", "ch_ py_", charge => charge.PaymentIntent, charge => charge.Customer, charge => charge.TransferGroup));
        Refunds = Has(new Table<Refund>(this, "refund", "re_ pyr_", refund => refund.Charge, refund => refund.PaymentIntent));
        BalanceTransactions = Has(new Table<BalanceTransaction>(this, "balance_transaction", "txn_", transaction => transaction.Source));
        Accounts = Has(new Table<Account>(this, "account", "acct_"));
        Transfers = Has(new Table<Transfer>(this, "transfer", "tr_", transfer => transfer.TransferGroup, transfer => transfer.Destination));
        TransferReversals = Has(new Table<TransferReversal>(this, "transfer_reversal", "trr_", reversal => reversal.Transfer));
        Payouts = Has(new Table<Payout>(this, "payout", "po_"));
        Disputes = Has(new Table<Dispute>(this, "dispute", "du_", dispute => dispute.Charge));
        Balances = new Balances(this);
        _journal = new SimulatorJournal(settings.Journal);
        Replay();
    }

    public Lock Gate { get; } = new();

    public Table<Customer> Customers { get; }
    public Table<PaymentMethod> PaymentMethods { get; }
    public Table<PaymentIntent> PaymentIntents { get; }
    public Table<Charge> Charges { get; }
    public Table<Refund> Refunds { get; }
    public Table<BalanceTransaction> BalanceTransactions { get; }
    public Table<Account> Accounts { get; }
    public Table<Transfer> Transfers { get; }
    public Table<TransferReversal> TransferReversals { get; }
    public Table<Payout> Payouts { get; }
    public Table<Dispute> Disputes { get; }
    public Balances Balances { get; }
    public EventLog Events { get; } = new();
    public SimulatorSettings Settings => _settings;

    /// <summary>The request that is being served; null while time passes by itself.</summary>
    public (string Id, string? IdempotencyKey)? Request { get; set; }

    /// <summary>Called when events were committed.</summary>
    public Action? EventsCommitted { get; set; }

    /// <summary>Seconds of the simulator's clock: real time and what tests have added.</summary>
    public long Now => _at ?? DateTimeOffset.UtcNow.ToUnixTimeSeconds() + _offset;

    public long ClockOffset => _offset;

    Table<T> Has<T>(Table<T> table) where T : StripeObject
    {
        _tables.Add(table.Name, table);
        return table;
    }

    public StripeObject? Find(string id)
    {
        var underscore = id.IndexOf('_', StringComparison.Ordinal);
        if (underscore > 0)
        {
            foreach (var table in _tables.Values)
            {
                if (table.Holds(id.AsSpan(0, underscore + 1)) && table.Find(id) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    public long NextSequence() => ++_sequence;

    public void Saved(ITable table, StripeObject saved)
    {
        if (!_saved.Exists(other => ReferenceEquals(other.Saved, saved)))
        {
            _saved.Add((table, saved));
        }

        if (saved.Due is { } due)
        {
            _due.Enqueue((table, saved), (due, saved.Sequence));
        }
    }

    /// <summary>Reports a change of an object as it is now.</summary>
    /// <param name="type">Stripe's event type.</param>
    /// <param name="changed">The object.</param>
    /// <param name="previous">The values that changed, as JSON.</param>
    /// <param name="owner">The connected account it happened in, where the object does not tell.</param>
    public void Emit(string type, StripeObject changed, string? previous = null, string? owner = null)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(changed, SimulatorJson.OnTheWire(changed.GetType()));
        var reported = new StripeEvent(
            StripeObject.NewId("evt_"), type, Now, owner ?? changed.Owner ?? (changed.Id.StartsWith("acct_", StringComparison.Ordinal) ? changed.Id : null),
            Request?.Id, Request?.IdempotencyKey, body, previous, NextSequence()) { Undelivered = _settings.WebhookUrl is not null };
        _emitted.Add(reported);
        Events.Add(reported);
    }

    public KeptAnswer? AnswerTo(string key) => _answers.GetValueOrDefault(key) is { } answer && answer.At > Now - KeptAnswer.Seconds ? answer : null;

    /// <summary>Writes what has changed since the last commit. Must be called before the lock is let go.</summary>
    public void Commit(KeptAnswer? answer = null)
    {
        if (_saved.Count == 0 && _emitted.Count == 0 && answer is null)
        {
            return;
        }

        _journal.Append(json =>
        {
            if (_saved.Count > 0)
            {
                json.WriteStartArray("put");
                foreach (var (table, saved) in _saved)
                {
                    json.WriteStartObject();
                    json.WritePropertyName(table.Name);
                    JsonSerializer.Serialize(json, saved, SimulatorJson.InTheJournal(saved.GetType()));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            if (_emitted.Count > 0)
            {
                json.WriteStartArray("events");
                _emitted.ForEach(emitted => emitted.Keep(json));
                json.WriteEndArray();
            }

            if (answer is not null)
            {
                json.WritePropertyName("answer");
                answer.Keep(json);
            }
        });

        var emitted = _emitted.Count > 0;
        _saved.Clear();
        _emitted.Clear();
        if (answer is not null)
        {
            Remember(answer);
        }

        if (emitted)
        {
            EventsCommitted?.Invoke();
        }
    }

    void Remember(KeptAnswer answer)
    {
        _answers[answer.Key] = answer;
        _answersByAge.Enqueue(answer);
        while (_answersByAge.TryPeek(out var oldest) && oldest.At <= Now - KeptAnswer.Seconds)
        {
            _answersByAge.Dequeue();
            if (ReferenceEquals(_answers.GetValueOrDefault(oldest.Key), oldest))
            {
                _answers.Remove(oldest.Key);
            }
        }
    }

    /// <summary>Notes that an event has reached its receiver (or was dropped on purpose).</summary>
    public void Delivered(StripeEvent delivered)
    {
        delivered.Undelivered = false;
        _journal.Append(json => json.WriteString("delivered", delivered.Id));
    }

    public void Advance(long seconds)
    {
        _offset += seconds;
        _journal.Append(json => json.WriteNumber("clock", _offset));
        LetTimePass();
    }

    /// <summary>Does what has become due, in order, each as of its own moment.</summary>
    public void LetTimePass()
    {
        var now = Now;
        while (_due.TryPeek(out var next, out var priority) && priority.Due <= now)
        {
            var due = priority.Due;
            _due.Dequeue();
            // Whatever was settled otherwise in the meantime has another due time, or none.
            if (next.Waiting.Due != due || !ReferenceEquals(next.Table.Find(next.Waiting.Id), next.Waiting))
            {
                continue;
            }

            _at = due;
            next.Waiting.Due = null;
            switch (next.Waiting)
            {
                case PaymentIntent intent:
                    StripeSimulator.PaymentIntents.Settle(this, intent);
                    break;
                case Refund refund:
                    StripeSimulator.Refunds.Settle(this, refund);
                    break;
                case Payout payout:
                    StripeSimulator.Payouts.Move(this, payout);
                    break;
                case Dispute dispute:
                    StripeSimulator.Disputes.Decide(this, dispute);
                    break;
            }

            _at = null;
        }

        Balances.MatureAll();
        Commit();
    }

    /// <summary>Forgets everything, the journal included.</summary>
    public void Reset()
    {
        foreach (var table in _tables.Values)
        {
            table.Clear();
        }

        Events.Clear();
        Balances.Clear();
        _due.Clear();
        _answers.Clear();
        _answersByAge.Clear();
        _offset = 0;
        _journal.Clear();
    }

    void Replay()
    {
        var latest = new Dictionary<string, (ITable Table, StripeObject Saved)>();
        foreach (var line in _journal.Read())
        {
            if (line.TryGetProperty("put", out var puts))
            {
                foreach (var put in puts.EnumerateArray())
                {
                    var property = put.EnumerateObject().First();
                    var saved = (StripeObject)property.Value.Deserialize(SimulatorJson.InTheJournal(_tables[property.Name].Type))!;
                    latest[saved.Id] = (_tables[property.Name], saved);
                    _sequence = Math.Max(_sequence, saved.Sequence);
                }
            }

            if (line.TryGetProperty("events", out var events))
            {
                foreach (var kept in events.EnumerateArray())
                {
                    var reported = StripeEvent.Read(kept);
                    Events.Add(reported);
                    _sequence = Math.Max(_sequence, reported.Sequence);
                }
            }

            if (line.TryGetProperty("answer", out var answer))
            {
                Remember(KeptAnswer.Read(answer));
            }

            if (line.TryGetProperty("delivered", out var delivered) && Events.Find(delivered.GetString()!) is { } arrived)
            {
                arrived.Undelivered = false;
            }

            if (line.TryGetProperty("clock", out var clock))
            {
                _offset = clock.GetInt64();
            }
        }

        foreach (var (table, saved) in latest.Values.OrderBy(entry => entry.Saved.Sequence))
        {
            table.Restore(saved);
            if (saved.Due is { } due)
            {
                _due.Enqueue((table, saved), (due, saved.Sequence));
            }

            if (saved is BalanceTransaction transaction)
            {
                Balances.Count(transaction);
            }
        }
    }

    public void Dispose() => _journal.Dispose();
}

/// <summary>The first answer to an idempotency key, given again for a day of the simulator's clock.</summary>
sealed record KeptAnswer(string Key, string Fingerprint, int Status, byte[] Body, long At)
{
    public const long Seconds = 24 * 60 * 60;

    public void Keep(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("key", Key);
        json.WriteString("fingerprint", Fingerprint);
        json.WriteNumber("status", Status);
        json.WriteNumber("at", At);
        json.WritePropertyName("body");
        json.WriteRawValue(Body, skipInputValidation: true);
        json.WriteEndObject();
    }

    public static KeptAnswer Read(JsonElement json) => new(
        json.GetProperty("key").GetString()!, json.GetProperty("fingerprint").GetString()!, json.GetProperty("status").GetInt32(),
        System.Text.Encoding.UTF8.GetBytes(json.GetProperty("body").GetRawText()), json.GetProperty("at").GetInt64());
}

/// <summary>Moves what is due by itself, for those who wait instead of advancing the clock.</summary>
sealed class PassingTime(Simulation simulation) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            lock (simulation.Gate)
            {
                simulation.LetTimePass();
            }
        }
    }
}
