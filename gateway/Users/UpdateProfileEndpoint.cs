using EdTech.Contracts.Users;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record UpdateProfileRequest(
    string? DisplayName,
    string? Locale,
    string? TimeZone,
    string? Bio = null,
    string? AvatarUrl = null,
    AccessibilityPreferences? Accessibility = null,
    ProfileVisibility? Shows = null);

sealed class UpdateProfileValidator : Validator<UpdateProfileRequest>
{
    public UpdateProfileValidator()
    {
        RuleFor(r => r.DisplayName).NotEmpty().MaximumLength(100);
        RuleFor(r => r.Locale).NotEmpty().MaximumLength(20);
        RuleFor(r => r.TimeZone).NotEmpty().MaximumLength(64);
        RuleFor(r => r.Bio).MaximumLength(2000);
        RuleFor(r => r.AvatarUrl).MaximumLength(2000);
        RuleFor(r => r.Accessibility!.TextScalePercent).InclusiveBetween(50, 400).When(r => r.Accessibility is not null);
    }
}

sealed class UpdateProfileEndpoint : CommandEndpoint<UpdateProfileRequest>
{
    public override void Configure()
    {
        Put("/v1/me/profile");
        Authenticated();
        Describe("Replace the own profile and preferences");
    }

    public override Task HandleAsync(UpdateProfileRequest req, CancellationToken ct)
        => SendAsync(
            new UpdateProfile(
                Actor,
                new ProfileDetails(req.DisplayName!, req.Bio, req.AvatarUrl, req.Locale!, req.TimeZone!, req.Accessibility ?? new AccessibilityPreferences(), req.Shows ?? new ProfileVisibility()),
                IfMatch),
            ct);
}
