using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class LoadLimitTests
{
    static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    readonly Clock _clock = new();
    readonly LoadLimit _limit;

    public LoadLimitTests() => _limit = new LoadLimit(Soon, _clock);

    [Fact]
    public void Past_its_places_only_what_is_urgent_finds_one()
    {
        var taken = TakeAll();

        taken.Count.ShouldBe(LoadLimit.PlacesAtFirst);
        _limit.IsFull.ShouldBeTrue();
        _limit.Take().ShouldBeNull();
        _limit.Take(urgent: true).ShouldNotBeNull();
    }

    [Fact]
    public void Late_answers_take_places_away_and_early_ones_bring_them_back()
    {
        for (var i = 0; i < 20; i++) Answer(TakeAll(), after: 10 * Soon);
        _limit.Places.ShouldBe(LoadLimit.FewestPlaces);

        for (var i = 0; i < 60; i++) Answer(TakeAll(), after: Soon / 2);
        _limit.Places.ShouldBe(LoadLimit.MostPlaces);
    }

    [Fact]
    public void Places_that_nobody_wants_stay_as_many_as_they_are()
    {
        for (var i = 0; i < 20; i++) Answer(Take(LoadLimit.PlacesAtFirst / 2), after: Soon / 2);

        _limit.Places.ShouldBe(LoadLimit.PlacesAtFirst);
    }

    [Fact]
    public void A_few_that_are_slow_by_themselves_take_no_place_away()
    {
        for (var i = 0; i < 20; i++) Answer(Take(LoadLimit.PlacesAtFirst / 4), after: 10 * Soon);

        _limit.Places.ShouldBe(LoadLimit.PlacesAtFirst);
    }

    [Fact]
    public void A_place_is_given_back_once_and_teaches_nothing_when_its_caller_has_gone()
    {
        for (var i = 0; i < 20; i++)
        {
            var taken = TakeAll();
            _clock.Advance(10 * Soon);
            foreach (var place in taken)
            {
                place.Dispose();
                place.Answered();
            }
        }

        TakeAll().Count.ShouldBe(LoadLimit.PlacesAtFirst);
    }

    List<LoadLimit.Place> TakeAll() => Take(int.MaxValue);

    List<LoadLimit.Place> Take(int atMost)
    {
        var taken = new List<LoadLimit.Place>();
        while (taken.Count < atMost && _limit.Take() is { } place) taken.Add(place);
        return taken;
    }

    void Answer(List<LoadLimit.Place> places, TimeSpan after)
    {
        // The first decision needs the pause between two; the second half of the answers meets it.
        _clock.Advance(after);
        foreach (var place in places) place.Answered();
        _clock.Advance(Soon);
    }

    sealed class Clock : TimeProvider
    {
        long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
