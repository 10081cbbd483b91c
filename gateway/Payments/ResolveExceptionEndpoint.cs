using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ResolveExceptionRequest([property: RouteParam] Guid ExceptionId, string? Resolution);

sealed class ResolveExceptionValidator : Validator<ResolveExceptionRequest>
{
    public ResolveExceptionValidator()
    {
        RuleFor(r => r.Resolution).NotEmpty().MaximumLength(2_000);
    }
}

sealed class ResolveExceptionEndpoint : CommandEndpoint<ResolveExceptionRequest>
{
    public override void Configure()
    {
        Post("/v1/payments/exceptions/{exceptionId}/resolution");
        Permissions("payments.support");
        Describe("Say what came of an exception, which closes it");
    }

    public override Task HandleAsync(ResolveExceptionRequest req, CancellationToken ct) => SendAsync(new ResolveException(Actor, req.ExceptionId, req.Resolution!), ct);
}
