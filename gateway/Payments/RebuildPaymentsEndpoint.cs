using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class RebuildPaymentsEndpoint : CommandEndpoint<EmptyRequest>
{
    public override void Configure()
    {
        Post("/v1/payments/rebuild");
        Permissions("payments.admin");
        Describe<RebuildOutcome>("Rebuild purchases and balances from what happened, and say what differed");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => SendAsync(new RebuildPayments(Actor), ct);
}
