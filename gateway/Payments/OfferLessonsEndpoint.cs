using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record OfferLessonsRequest(string? Title, int? Lessons, Money? Price);

sealed class OfferLessonsValidator : Validator<OfferLessonsRequest>
{
    public OfferLessonsValidator()
    {
        RuleFor(r => r.Title).LessonOfferTitle();
        RuleFor(r => r.Lessons).NotNull().InclusiveBetween(1, 100);
        RuleFor(r => r.Price).LessonOfferPrice();
    }
}

sealed class OfferLessonsEndpoint : CommandEndpoint<OfferLessonsRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-offers");
        Permissions("courses.author");
        Describe("Offer one or more lessons at a price", done: 201);
    }

    public override Task HandleAsync(OfferLessonsRequest req, CancellationToken ct)
        => SendAsync(new OfferLessons(Actor, Guid.CreateVersion7(), req.Title!.Trim(), req.Lessons!.Value, req.Price!), ct, _ => $"/v1/people/{Actor.Id}/lesson-offers");
}

static class LessonOfferFields
{
    /// <summary>The largest amount that Stripe takes, in minor units.</summary>
    const long MaxMinorUnits = 99_999_999;

    public static void LessonOfferTitle<T>(this IRuleBuilder<T, string?> title)
        => title.NotEmpty().MaximumLength(200).Must(t => t is null || !t.Any(char.IsControl)).WithMessage("One line of text.");

    public static void LessonOfferPrice<T>(this IRuleBuilder<T, Money?> price)
        => price.NotNull()
            .Must(p => p is null || p.MinorUnits is > 0 and <= MaxMinorUnits).WithMessage($"1 to {MaxMinorUnits} minor units.")
            .Must(p => p is null || Currencies.Known(p.Currency)).WithMessage("A currency code of ISO 4217, such as EUR.");
}
