using EdTech.Contracts;
using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RequestPayoutRequest(string? Currency);

sealed class RequestPayoutValidator : Validator<RequestPayoutRequest>
{
    public RequestPayoutValidator()
    {
        RuleFor(r => r.Currency).NotEmpty().Must(c => c is null || Currencies.Known(c)).WithMessage("An ISO 4217 code in upper case.");
    }
}

sealed class RequestPayoutEndpoint : CommandEndpoint<RequestPayoutRequest>
{
    public override void Configure()
    {
        Post("/v1/me/payouts");
        Permissions("courses.author");
        Describe("Be paid out now what can be in a currency; needs a recent sign-in", done: 201);
    }

    public override async Task HandleAsync(RequestPayoutRequest req, CancellationToken ct)
    {
        if (!await RecentProof.IsMissingAsync(HttpContext))
            await SendAsync(new RequestPayout(Actor, Guid.CreateVersion7(), req.Currency!), ct, _ => "/v1/me/payouts");
    }
}
