namespace EdTech.StripeSimulator;

interface ITable
{
    string Name { get; }
    Type Type { get; }
    bool Holds(ReadOnlySpan<char> prefix);
    StripeObject? Find(string id);
    void Restore(StripeObject saved);
    void Clear();
}

/// <summary>The objects of one kind in the order of their creation, found by id and by a few of their properties.</summary>
sealed class Table<T>(Simulation simulation, string name, string prefixes, params Func<T, string?>[] indexes) : ITable
    where T : StripeObject
{
    static readonly List<T> None = [];
    readonly string[] _prefixes = prefixes.Split(' ');
    readonly Dictionary<string, T> _byId = [];
    readonly Dictionary<string, List<T>> _byOwner = [];
    readonly Dictionary<string, List<T>>[] _indexes = [.. indexes.Select(_ => new Dictionary<string, List<T>>())];

    public string Name => name;
    public Type Type => typeof(T);
    public IEnumerable<T> All => _byId.Values;

    public bool Holds(ReadOnlySpan<char> prefix)
    {
        foreach (var mine in _prefixes)
        {
            if (prefix.SequenceEqual(mine))
            {
                return true;
            }
        }

        return false;
    }

    public T? Find(string id) => _byId.GetValueOrDefault(id);

    StripeObject? ITable.Find(string id) => Find(id);

    /// <summary>The object, if it belongs to who asks.</summary>
    public T? Find(string id, string? owner) => _byId.GetValueOrDefault(id) is { } found && found.Owner == owner ? found : null;

    public List<T> Of(string? owner) => _byOwner.GetValueOrDefault(owner ?? "") ?? None;

    /// <summary>Objects whose indexed property had this value when they were first saved (or when it was first set).</summary>
    public List<T> With(int index, string value) => _indexes[index].GetValueOrDefault(value) ?? None;

    /// <summary>Takes in a new object, or a change of one.</summary>
    public T Save(T saved)
    {
        if (saved.Id.Length == 0)
        {
            saved.Id = StripeObject.NewId(_prefixes[0]);
        }

        if (saved.Sequence == 0)
        {
            saved.Sequence = simulation.NextSequence();
            Restore(saved);
        }

        simulation.Saved(this, saved);
        return saved;
    }

    public void Restore(StripeObject saved)
    {
        var entry = (T)saved;
        _byId[saved.Id] = entry;
        AddTo(_byOwner, saved.Owner ?? "", entry);
        for (var i = 0; i < indexes.Length; i++)
        {
            if (indexes[i](entry) is { } value)
            {
                AddTo(_indexes[i], value, entry);
            }
        }
    }

    /// <summary>An indexed property was set after the object's creation.</summary>
    public void Reindex(int index, T entry)
    {
        if (indexes[index](entry) is { } value && !With(index, value).Contains(entry))
        {
            AddTo(_indexes[index], value, entry);
            _indexes[index][value].Sort((left, right) => left.Sequence.CompareTo(right.Sequence));
        }
    }

    public void Remove(T entry)
    {
        _byId.Remove(entry.Id);
        Of(entry.Owner).Remove(entry);
        foreach (var index in _indexes)
        {
            foreach (var list in index.Values)
            {
                list.Remove(entry);
            }
        }
    }

    public void Clear()
    {
        _byId.Clear();
        _byOwner.Clear();
        foreach (var index in _indexes)
        {
            index.Clear();
        }
    }

    static void AddTo(Dictionary<string, List<T>> lists, string key, T entry)
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists.Add(key, list = []);
        }

        list.Add(entry);
    }
}
