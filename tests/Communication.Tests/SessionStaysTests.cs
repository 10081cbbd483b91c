using CsCheck;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class SessionStaysTests
{
    static readonly Guid Person = Guid.CreateVersion7();
    static readonly DateTimeOffset Start = new(2027, 3, 1, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Lengths of absence and presence in turn, seconds, and whether we, Agora or both tell of each stay.</summary>
    static readonly Gen<(int Away, int There, int Tells)[]> Days = Gen.Select(Gen.Int[2, 600], Gen.Int[2, 900], Gen.Int[1, 3]).Array[1, 12];

    [Fact]
    public void Time_present_is_the_same_for_every_order_and_number_of_copies()
        => Gen.Select(Days, Gen.Int[0, 1_000_000]).Sample((stays, seed) =>
        {
            var evidence = EvidenceOf(stays);
            var random = new Random(seed);
            var shuffled = evidence.Concat(evidence.Where(_ => random.Next(2) == 0)).OrderBy(_ => random.Next()).ToArray();

            Stays.Of(shuffled).ShouldBe(Stays.Of(evidence));
            Stays.Of(shuffled).Milliseconds.ShouldBe(stays.Sum(s => s.There) * 1000L);
            Stays.Of(shuffled).Since.ShouldBeNull();
        });

    [Fact]
    public void The_stay_that_goes_on_counts_up_to_now()
    {
        var stays = Stays.Of([Ours(0, true)]);

        stays.SecondsAt(Start.AddSeconds(90)).ShouldBe(90);
        stays.EndedAt(Start.AddSeconds(100)).ShouldBe(new Stays(Start, Start.AddSeconds(100), null, 100_000));
    }

    [Fact]
    public void The_late_end_of_a_lost_connection_does_not_end_the_new_one()
    {
        // Back at 60 with a new connection; that the old one is lost is noticed at 75 only.
        var stays = Stays.Of([Theirs(0, true, 1), Theirs(60, true, 3), Theirs(75, false, 2)]);

        stays.Since.ShouldNotBeNull();
        stays.SecondsAt(Start.AddSeconds(100)).ShouldBe(100);
    }

    [Fact]
    public void A_lost_connection_ends_the_stay_that_our_ticket_began()
        => Stays.Of([Ours(0, true), Theirs(2, true, 1), Theirs(50, false, 2)]).Milliseconds.ShouldBe(50_000);

    [Fact]
    public void Entering_twice_and_leaving_twice_is_one_stay()
        => Stays.Of([Ours(0, true), Ours(10, true), Ours(40, false), Ours(45, false)]).Milliseconds.ShouldBe(40_000);

    [Fact]
    public void Leaving_without_having_come_is_nothing() => Stays.Of([Theirs(5, false, 1)]).ShouldBe(Stays.None);

    static Evidence[] EvidenceOf((int Away, int There, int Tells)[] stays)
    {
        var (at, order) = (0, 0L);
        var evidence = new List<Evidence>();
        foreach (var (away, there, tells) in stays)
        {
            at += away;
            Tell(at, true, tells);
            at += there;
            Tell(at, false, tells);
        }

        return [.. evidence];

        void Tell(int seconds, bool joined, int tells)
        {
            if ((tells & 1) != 0)
                evidence.Add(Ours(seconds, joined));
            if ((tells & 2) != 0)
                evidence.Add(Theirs(seconds, joined, ++order));
        }
    }

    static Evidence Ours(int seconds, bool joined) => new($"t{seconds}{joined}", Person, joined, Start.AddSeconds(seconds), PresenceSource.Ticket);

    static Evidence Theirs(int seconds, bool joined, long order) => new($"a{order}", Person, joined, Start.AddSeconds(seconds), PresenceSource.Agora, order);
}
