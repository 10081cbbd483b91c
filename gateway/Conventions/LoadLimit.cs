namespace EdTech.Gateway;

/// <summary>
/// How much of one kind may be under way at one worker, found by trying: as long as answers come soon and every place is taken there become more places,
/// and when most answers come late there become fewer. So whatever the worker can do at the moment, what waits for it stays short, and who finds no place
/// is told so at once instead of waiting in vain.
/// </summary>
sealed class LoadLimit(TimeSpan soon, TimeProvider time)
{
    public const int FewestPlaces = 4;
    public const int PlacesAtFirst = 64;
    public const int MostPlaces = 512;
    const int EnoughAnswers = 10;
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    readonly Lock _lock = new();
    int _places = PlacesAtFirst;
    int _taken;
    int _mostTaken;
    int _answers;
    int _late;
    TimeSpan _total;
    long _judgedAt = time.GetTimestamp();

    public bool IsFull => Volatile.Read(ref _taken) >= Volatile.Read(ref _places);

    public int Places => Volatile.Read(ref _places);

    /// <summary>A place until it is given back; null when there is none. What is urgent always finds one.</summary>
    /// <param name="urgent">Whether it ends something.</param>
    /// <param name="since">The timestamp from which its time counts; now by default.</param>
    public Place? Take(bool urgent = false, long? since = null)
    {
        lock (_lock)
        {
            if (_taken >= _places && !urgent) return null;
            _taken++;
            _mostTaken = Math.Max(_mostTaken, _taken);
        }

        return new Place(this, since ?? time.GetTimestamp());
    }

    void GiveBack(long since, bool answered)
    {
        lock (_lock)
        {
            _taken--;
            // Who came before the number of places changed has waited behind others than there are now.
            if (!answered || since < _judgedAt) return;
            var took = time.GetElapsedTime(since);
            _answers++;
            _total += took;
            if (took > soon) _late++;
            if (_answers >= EnoughAnswers && time.GetElapsedTime(_judgedAt) >= Pause) Judge();
        }
    }

    void Judge()
    {
        if (2 * _late > _answers)
        {
            // Few that are slow are slow by themselves, not because of each other.
            if (2 * _mostTaken >= _places) _places = Math.Max(FewestPlaces, (int)(_places * Math.Clamp(soon * _answers / _total, 0.3, 0.8)));
        }
        else if (_mostTaken >= _places)
        {
            _places = Math.Min(MostPlaces, _places + Math.Max(1, _places / 10));
        }

        (_answers, _late, _total, _mostTaken, _judgedAt) = (0, 0, TimeSpan.Zero, _taken, time.GetTimestamp());
    }

    /// <summary>One place, taken.</summary>
    public sealed class Place(LoadLimit limit, long since) : IDisposable
    {
        int _given;

        /// <summary>The worker has answered, or could not: the time that it took counts.</summary>
        public void Answered() => GiveBack(answered: true);

        /// <summary>Whoever asked has gone: nothing is learnt from it.</summary>
        public void Dispose() => GiveBack(answered: false);

        void GiveBack(bool answered)
        {
            if (Interlocked.Exchange(ref _given, 1) == 0) limit.GiveBack(since, answered);
        }
    }
}
