using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class GetEarningsEndpoint : QueryEndpoint<EmptyRequest, EarningsView>
{
    public override void Configure()
    {
        Get("/v1/me/earnings");
        Permissions("courses.author");
        Describe("What one has earned, by currency: held, owed, at Stripe, paid out");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => ForwardAsync("payments", "/internal/payments/me/earnings", ct);
}
