using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ConfirmLessonRequest([property: RouteParam] Guid PurchaseId, [property: RouteParam] int Lesson);

sealed class ConfirmLessonValidator : Validator<ConfirmLessonRequest>
{
    public ConfirmLessonValidator() => RuleFor(r => r.Lesson).InclusiveBetween(1, 100);
}

sealed class ConfirmLessonEndpoint : CommandEndpoint<ConfirmLessonRequest>
{
    public override void Configure()
    {
        Post("/v1/purchases/{purchaseId}/lessons/{lesson}/confirm");
        Authenticated();
        Describe("Confirm that a paid lesson was given: its share goes to the tutor");
    }

    public override Task HandleAsync(ConfirmLessonRequest req, CancellationToken ct) => SendAsync(new ConfirmLesson(Actor, req.PurchaseId, req.Lesson), ct);
}
