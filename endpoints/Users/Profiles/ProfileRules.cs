using System.Text.RegularExpressions;
using EdTech.Contracts.Users;

namespace EdTech.Users;

/// <summary>What a profile's values must be beyond their shape.</summary>
static partial class ProfileRules
{
    public static (string Field, string Code, string Message)? Fault(string locale, string timeZone, string? avatarUrl)
    {
        if (!LanguageTag().IsMatch(locale))
        {
            return ("locale", "profile.unknown_locale", "The locale is not a language tag such as pt-PT.");
        }

        if (timeZone.Length > 64 || !TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) || !zone.HasIanaId)
        {
            return ("timeZone", "profile.unknown_time_zone", "The time zone is not an IANA name such as Europe/Lisbon.");
        }

        return avatarUrl is not null && !(Uri.TryCreate(avatarUrl, UriKind.Absolute, out var url) && url is { Scheme: "https", UserInfo: "" } && avatarUrl.Length <= 2000)
            ? ("avatarUrl", "profile.avatar_not_https", "The avatar is not an https address.")
            : null;
    }

    public static (string Field, string Code, string Message) BadName => ("displayName", "profile.display_name", "The display name has 1 to 100 characters on one line.");

    /// <summary>Names stand in greetings: one line, nothing that cannot be seen to control the text around it.</summary>
    public static bool IsName(string name) => !string.IsNullOrWhiteSpace(name) && name.Length <= 100 && !name.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));

    public static (string Field, string Code, string Message)? Fault(ProfileDetails profile)
    {
        if (!IsName(profile.DisplayName))
        {
            return BadName;
        }

        if (profile.Bio is { Length: > 2000 })
        {
            return ("bio", "profile.bio_too_long", "The bio has at most 2,000 characters.");
        }

        return profile.Accessibility.TextScalePercent is < 50 or > 400
            ? ("accessibility.textScalePercent", "profile.text_scale", "The text scale is 50 to 400 percent.")
            : Fault(profile.Locale, profile.TimeZone, profile.AvatarUrl);
    }

    // The part of BCP 47 that people's languages need: language, script, region.
    [GeneratedRegex(@"\A[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LanguageTag();
}
