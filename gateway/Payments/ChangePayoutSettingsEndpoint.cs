using EdTech.Contracts.Payments;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ChangePayoutSettingsRequest(PayoutInterval? Interval, long? MinimumMinorUnits);

sealed class ChangePayoutSettingsValidator : Validator<ChangePayoutSettingsRequest>
{
    public ChangePayoutSettingsValidator()
    {
        RuleFor(r => r.Interval).NotNull().IsInEnum();
        RuleFor(r => r.MinimumMinorUnits).NotNull().InclusiveBetween(0, 1_000_000_000);
    }
}

sealed class ChangePayoutSettingsEndpoint : CommandEndpoint<ChangePayoutSettingsRequest>
{
    public override void Configure()
    {
        Put("/v1/me/payout-settings");
        Permissions("courses.author");
        Describe("Change how often one is paid out, and from which amount on; needs a recent sign-in");
    }

    public override async Task HandleAsync(ChangePayoutSettingsRequest req, CancellationToken ct)
    {
        if (!await RecentProof.IsMissingAsync(HttpContext))
            await SendAsync(new ChangePayoutSettings(Actor, req.Interval!.Value, req.MinimumMinorUnits!.Value, IfMatch), ct);
    }
}
