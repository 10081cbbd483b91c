using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

/// <summary>The quote's kind is said again, because a course and lessons are bought by commands of their own; another one than was quoted is refused.</summary>
sealed record StartPurchaseRequest(Guid? QuoteId, PurchaseKind? Kind);

sealed class StartPurchaseValidator : Validator<StartPurchaseRequest>
{
    public StartPurchaseValidator()
    {
        RuleFor(r => r.QuoteId).NotEmpty();
        RuleFor(r => r.Kind).NotNull();
    }
}

sealed class StartPurchaseEndpoint : CommandEndpoint<StartPurchaseRequest>
{
    public override void Configure()
    {
        Post("/v1/purchases");
        Permissions("learn");
        Describe("Accept a quote: the purchase then waits for its payment", done: 201);
    }

    public override Task HandleAsync(StartPurchaseRequest req, CancellationToken ct)
    {
        var purchaseId = Guid.CreateVersion7();
        ICommand command = req.Kind == PurchaseKind.Course ? new PurchaseCourse(Actor, purchaseId, req.QuoteId!.Value) : new PayLesson(Actor, purchaseId, req.QuoteId!.Value);
        return SendAsync(command, ct, done => $"/v1/purchases/{done.Id}");
    }
}
