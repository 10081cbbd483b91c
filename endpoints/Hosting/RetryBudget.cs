namespace EdTech.Hosting;

/// <summary>One retry for ten calls, and some in store: what fails much is not made several times the work by trying it again.</summary>
/// <param name="inStore">How many retries there are at the beginning, and at most.</param>
public sealed class RetryBudget(int inStore)
{
    const int Price = 10;
    int _saved = inStore * Price;

    /// <summary>A call was made.</summary>
    public void Earn()
    {
        if (Volatile.Read(ref _saved) < inStore * Price)
        {
            Interlocked.Increment(ref _saved);
        }
    }

    /// <summary>Whether there may be one more retry; it is paid with the answer.</summary>
    public bool TrySpend()
    {
        if (Interlocked.Add(ref _saved, -Price) >= 0)
        {
            return true;
        }

        Interlocked.Add(ref _saved, Price);
        return false;
    }
}
