using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class OpenOnboardingFormEndpoint : InternalWriteEndpoint<EmptyRequest>
{
    public override void Configure()
    {
        Post("/v1/me/payout-account/link");
        Permissions("courses.author");
        Describe<OnboardingLink>("Get a link to Stripe's form for one's account; it opens once and expires within minutes");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
    {
        HttpContext.Response.Headers.CacheControl = "no-store";
        return PostAsync<OnboardingLink>("payments", "/internal/payments/me/payout-account/link", null, ct);
    }
}
