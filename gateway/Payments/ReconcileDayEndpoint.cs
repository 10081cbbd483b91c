using EdTech.Contracts.Payments;
using FluentValidation;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record ReconcileDayRequest(DateOnly? Day);

sealed class ReconcileDayValidator : Validator<ReconcileDayRequest>
{
    public ReconcileDayValidator() => RuleFor(r => r.Day).NotNull();
}

sealed class ReconcileDayEndpoint : CommandEndpoint<ReconcileDayRequest>
{
    public override void Configure()
    {
        Post("/v1/payments/reconciliations");
        Permissions("payments.admin");
        Describe("Compare the ledger with Stripe's books of a day (UTC), once more");
    }

    public override Task HandleAsync(ReconcileDayRequest req, CancellationToken ct)
        => SendAsync(new ReconcileDay(Actor, req.Day!.Value), ct);
}
