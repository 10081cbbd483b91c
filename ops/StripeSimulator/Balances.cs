using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

sealed class BalanceTransaction : StripeObject, IDated
{
    public string Object => "balance_transaction";
    public long Amount { get; set; }
    public long AvailableOn { get; set; }
    public string BalanceType => "payments";
    public long Created { get; set; }
    public string Currency { get; set; } = "";
    public string? Description { get; set; }
    public decimal? ExchangeRate => null;
    public long Fee { get; set; }
    public List<FeeDetail> FeeDetails { get; set; } = [];
    public long Net { get; set; }
    public string ReportingCategory { get; set; } = "";
    public string? Source { get; set; }

    /// <summary>Pending until its moment has come; told by the balance that counts it.</summary>
    public string Status { get; set; } = "pending";
    public string Type { get; set; } = "";

    /// <summary>The automatic or manual payout that paid it out.</summary>
    [JsonPropertyName(SimulatorJson.Own + "payout")]
    public string? Payout { get; set; }
}

sealed class FeeDetail
{
    public long Amount { get; set; }
    public string? Application => null;
    public string Currency { get; set; } = "";
    public string Description { get; set; } = "";
    public string Type { get; set; } = "stripe_fee";
}

/// <summary>What each account has, per currency: the sum of its balance transactions, those that are available apart.</summary>
sealed class Balances(Simulation simulation)
{
    readonly Dictionary<(string Owner, string Currency), Purse> _purses = [];

    /// <summary>Books a movement. <paramref name="amount"/> is signed; the fee lowers what is left of it.</summary>
    public BalanceTransaction Book(
        string? owner, string currency, long amount, string type, string reportingCategory, string source, long availableOn, long fee = 0, string feeDescription = "Stripe processing fees", string? description = null)
    {
        var transaction = simulation.BalanceTransactions.Save(new BalanceTransaction
        {
            Owner = owner,
            Amount = amount,
            AvailableOn = availableOn,
            Created = simulation.Now,
            Currency = currency,
            Description = description,
            Fee = fee,
            FeeDetails = fee == 0 ? [] : [new FeeDetail { Amount = fee, Currency = currency, Description = feeDescription }],
            Net = amount - fee,
            ReportingCategory = reportingCategory,
            Source = source,
            Type = type,
        });
        Count(transaction);
        return transaction;
    }

    public void Count(BalanceTransaction transaction) => Of(transaction.Owner, transaction.Currency).Add(transaction, simulation.Now);

    public long Available(string? owner, string currency) => Of(owner, currency).Mature(simulation.Now).Available;

    public long Pending(string? owner, string currency) => Of(owner, currency).Mature(simulation.Now).Pending;

    public IEnumerable<(string Owner, string Currency, long Available, long Pending)> All
        => _purses.Select(entry => (entry.Key.Owner, entry.Key.Currency, entry.Value.Mature(simulation.Now).Available, entry.Value.Pending));

    public void MatureAll()
    {
        foreach (var purse in _purses.Values)
        {
            purse.Mature(simulation.Now);
        }
    }

    public void Clear() => _purses.Clear();

    Purse Of(string? owner, string currency)
    {
        var key = (owner ?? "", currency);
        if (!_purses.TryGetValue(key, out var purse))
        {
            _purses.Add(key, purse = new Purse());
        }

        return purse;
    }

    sealed class Purse
    {
        readonly PriorityQueue<BalanceTransaction, long> _pending = new();

        public long Available { get; private set; }
        public long Pending { get; private set; }

        public void Add(BalanceTransaction transaction, long now)
        {
            transaction.Status = transaction.AvailableOn <= now ? "available" : "pending";
            if (transaction.AvailableOn <= now)
            {
                Available += transaction.Net;
            }
            else
            {
                Pending += transaction.Net;
                _pending.Enqueue(transaction, transaction.AvailableOn);
            }
        }

        public Purse Mature(long now)
        {
            while (_pending.TryPeek(out var transaction, out var at) && at <= now)
            {
                _pending.Dequeue();
                transaction.Status = "available";
                Pending -= transaction.Net;
                Available += transaction.Net;
            }

            return this;
        }
    }
}
