using EdTech.Contracts;
using EdTech.Contracts.Learning;
using Shouldly;

namespace EdTech.Payments.Tests;

/// <summary>What a course costs follows its events, in whatever order they come.</summary>
public sealed class CourseOfferTests(PaymentsFixture payments)
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("published1 published2 archived restored", 3_000, false)]
    [InlineData("published2 published1", 3_000, false)]
    [InlineData("archived published1", 2_000, true)]
    [InlineData("restored archived published2 published1", 3_000, false)]
    [InlineData("archived published1 archived", 2_000, true)]
    public async Task The_end_is_the_same_in_any_order(string order, long price, bool archived)
    {
        var course = Guid.CreateVersion7();
        foreach (var what in order.Split(' '))
        {
            // One after the other: their order here is the point.
            await payments.SendLocal(Event(course, what));
            var marker = Guid.CreateVersion7();
            await payments.SendLocal(Event(marker, "published1"));
            await Until(marker);
        }

        await payments.Until("SELECT EXISTS (SELECT 1 FROM payments.course_offer WHERE course_id = @course AND price_minor = @price AND (archived_at IS NOT NULL) = @archived)", new { course, price, archived }, "the offer is as its events say");
    }

    Task Until(Guid course) => payments.Until("SELECT EXISTS (SELECT 1 FROM payments.course_offer WHERE course_id = @course)", new { course }, "the event is handled");

    static object Event(Guid course, string what) => what switch
    {
        "published1" => Published(course, 1, 2_000),
        "published2" => Published(course, 2, 3_000),
        "archived" => new CourseArchived(course, Guid.Empty, Start.AddDays(3)),
        _ => new CourseRestored(course, Guid.Empty, 2, Start.AddDays(4)),
    };

    static CoursePublished Published(Guid course, int version, long price)
        => new(course, Guid.Empty, version, "fractions", "Fractions", "", "en", "beginner", ["mathematics"], new Money(price, "EUR"), 1, Start.AddDays(version));
}
