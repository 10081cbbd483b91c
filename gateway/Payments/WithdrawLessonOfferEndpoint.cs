using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record WithdrawLessonOfferRequest([property: RouteParam] Guid OfferId);

sealed class WithdrawLessonOfferEndpoint : CommandEndpoint<WithdrawLessonOfferRequest>
{
    public override void Configure()
    {
        Delete("/v1/lesson-offers/{offerId}");
        Permissions("courses.author");
        Describe("Withdraw an offer of lessons");
    }

    public override Task HandleAsync(WithdrawLessonOfferRequest req, CancellationToken ct) => SendAsync(new WithdrawLessonOffer(Actor, req.OfferId), ct);
}
