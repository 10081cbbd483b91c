using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ReviseLessonOfferRequest([property: RouteParam] Guid OfferId, string? Title, int? Lessons, Money? Price);

sealed class ReviseLessonOfferValidator : Validator<ReviseLessonOfferRequest>
{
    public ReviseLessonOfferValidator()
    {
        RuleFor(r => r.Title).LessonOfferTitle();
        RuleFor(r => r.Lessons).NotNull().InclusiveBetween(1, 100);
        RuleFor(r => r.Price).LessonOfferPrice();
    }
}

sealed class ReviseLessonOfferEndpoint : CommandEndpoint<ReviseLessonOfferRequest>
{
    public override void Configure()
    {
        Put("/v1/lesson-offers/{offerId}");
        Permissions("courses.author");
        Describe("Change an offer of lessons; quotes already given keep their price");
    }

    public override Task HandleAsync(ReviseLessonOfferRequest req, CancellationToken ct)
        => SendAsync(new OfferLessons(Actor, req.OfferId, req.Title!.Trim(), req.Lessons!.Value, req.Price!), ct);
}
