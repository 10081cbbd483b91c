using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListLessonOffersRequest([property: RouteParam] Guid AccountId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListLessonOffersValidator : Validator<ListLessonOffersRequest>
{
    public ListLessonOffersValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListLessonOffersEndpoint : QueryEndpoint<ListLessonOffersRequest, Page<LessonOfferView>>
{
    public override void Configure()
    {
        Get("/v1/people/{accountId}/lesson-offers");
        AllowAnonymous();
        Describe("List the lessons that a tutor offers");
    }

    public override Task HandleAsync(ListLessonOffersRequest req, CancellationToken ct)
        => ForwardAsync("payments", WithQuery($"/internal/payments/tutors/{req.AccountId}/offers", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
