using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class GetPayoutAccountEndpoint : QueryEndpoint<EmptyRequest, PayoutAccountView>
{
    public override void Configure()
    {
        Get("/v1/me/payout-account");
        Permissions("courses.author");
        Describe("One's account at Stripe and the settings of payouts");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => ForwardAsync("payments", "/internal/payments/me/payout-account", ct);
}
