using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record OnboardTutorRequest(string? Country);

sealed class OnboardTutorValidator : Validator<OnboardTutorRequest>
{
    public OnboardTutorValidator()
    {
        RuleFor(r => r.Country).NotEmpty().Must(c => c is null || c.Length == 2 && c.All(char.IsAsciiLetterUpper)).WithMessage("Two capital letters, ISO 3166-1.");
    }
}

sealed class OnboardTutorEndpoint : CommandEndpoint<OnboardTutorRequest>
{
    public override void Configure()
    {
        Post("/v1/me/payout-account");
        Permissions("courses.author");
        Describe("Open one's account at Stripe", done: 201);
    }

    public override Task HandleAsync(OnboardTutorRequest req, CancellationToken ct) => SendAsync(new OnboardTutor(Actor, req.Country!), ct, _ => "/v1/me/payout-account");
}
