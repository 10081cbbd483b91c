using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record SetFeeRequest(int? BasisPoints, DateTimeOffset? EffectiveFrom, Guid? TutorId = null);

sealed class SetFeeValidator : Validator<SetFeeRequest>
{
    public SetFeeValidator()
    {
        RuleFor(r => r.BasisPoints).NotNull().InclusiveBetween(0, 10_000);
        RuleFor(r => r.EffectiveFrom).NotNull();
    }
}

sealed class SetFeeEndpoint : CommandEndpoint<SetFeeRequest>
{
    public override void Configure()
    {
        Post("/v1/payments/fees");
        Permissions("payments.admin");
        Describe("Set the platform's fee from a moment on, for everybody or one tutor", done: 201);
    }

    public override Task HandleAsync(SetFeeRequest req, CancellationToken ct)
        => SendAsync(new SetFee(Actor, Guid.CreateVersion7(), req.TutorId, req.BasisPoints!.Value, req.EffectiveFrom!.Value), ct, _ => "/v1/payments/fees");
}
