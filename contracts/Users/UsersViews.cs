using System.Text.Json.Serialization;

namespace EdTech.Contracts.Users;

/// <summary>Who sees a field of a profile.</summary>
[JsonConverter(typeof(CamelCaseEnum<Visibility>))]
public enum Visibility
{
    /// <summary>Only the person.</summary>
    Nobody,

    /// <summary>Whoever is signed in.</summary>
    Members,

    /// <summary>The whole world.</summary>
    Everybody,
}

/// <summary>Whether an account can be used.</summary>
[JsonConverter(typeof(CamelCaseEnum<AccountStatus>))]
public enum AccountStatus
{
    /// <summary>It can, once its address is verified.</summary>
    Active,

    /// <summary>Support has closed it for now.</summary>
    Suspended,

    /// <summary>The address it claimed without proof turned out to be somebody else's.</summary>
    Voided,
}

/// <summary>What a person tells about themselves, and how they want to be served.</summary>
/// <param name="DisplayName">1 to 100 characters; always visible.</param>
/// <param name="Bio">At most 2,000 characters of plain text.</param>
/// <param name="AvatarUrl">An https address.</param>
/// <param name="Locale">BCP 47 tag: <c>pt-PT</c>.</param>
/// <param name="TimeZone">IANA name: <c>Europe/Lisbon</c>.</param>
/// <param name="Accessibility">What makes the platform usable for this person; never shown to others.</param>
/// <param name="Shows">Who sees which field.</param>
public sealed record ProfileDetails(
    string DisplayName,
    string? Bio,
    string? AvatarUrl,
    string Locale,
    string TimeZone,
    AccessibilityPreferences Accessibility,
    ProfileVisibility Shows);

/// <summary>Accessibility preferences.</summary>
/// <param name="Captions">Captions on from the start.</param>
/// <param name="AudioDescription">Prefer described video.</param>
/// <param name="ReducedMotion">No animation.</param>
/// <param name="HighContrast">High contrast.</param>
/// <param name="DyslexiaFriendlyFont">A font made for dyslexic readers.</param>
/// <param name="TextScalePercent">50 to 400.</param>
public sealed record AccessibilityPreferences(
    bool Captions = false,
    bool AudioDescription = false,
    bool ReducedMotion = false,
    bool HighContrast = false,
    bool DyslexiaFriendlyFont = false,
    int TextScalePercent = 100);

/// <summary>Who sees which field of a profile.</summary>
/// <param name="Bio">The bio.</param>
/// <param name="Avatar">The picture.</param>
/// <param name="Locale">The language.</param>
/// <param name="TimeZone">The time zone.</param>
public sealed record ProfileVisibility(
    Visibility Bio = Visibility.Members,
    Visibility Avatar = Visibility.Members,
    Visibility Locale = Visibility.Nobody,
    Visibility TimeZone = Visibility.Nobody);

/// <summary>The same sentence whatever was behind it.</summary>
/// <param name="Message">For people.</param>
public sealed record MailOnItsWay(string Message);

/// <summary>What a client needs to act for a person.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="AccountId">The person.</param>
/// <param name="AccessToken">JWT for the header <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds until it dies.</param>
/// <param name="RefreshToken">To be exchanged for the next pair. Opaque; keep it secret.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
public sealed record SessionTokens(Guid SessionId, Guid AccountId, string AccessToken, int ExpiresIn, string RefreshToken, string TokenType = "Bearer")
{
    /// <inheritdoc/>
    public override string ToString() => nameof(SessionTokens);
}

/// <summary>One of a person's sessions.</summary>
/// <param name="SessionId">Its id; the current one is the token's <c>sid</c>.</param>
/// <param name="Device">What signed in.</param>
/// <param name="Network">The network it was last used from, coarsely: <c>203.0.113.0/24</c>.</param>
/// <param name="Methods">How the person proved themselves: <c>pwd</c>, <c>otp</c>, <c>recovery</c>, <c>google</c>.</param>
/// <param name="CreatedAt">When it began.</param>
/// <param name="LastUsedAt">When it was last refreshed.</param>
public sealed record SessionView(Guid SessionId, string Device, string Network, IReadOnlyList<string> Methods, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt);

/// <summary>The secret of an authenticator that waits to be confirmed.</summary>
/// <param name="Secret">Base32, to be typed.</param>
/// <param name="Uri"><c>otpauth://</c> address, to be shown as a QR code.</param>
public sealed record TwoFactorSecret(string Secret, string Uri)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(TwoFactorSecret);
}

/// <summary>Codes for the day the authenticator is lost. Shown once; each works once.</summary>
/// <param name="Codes">Ten of them.</param>
public sealed record RecoveryCodes(IReadOnlyList<string> Codes)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(RecoveryCodes);
}

/// <summary>A way to sign in.</summary>
/// <param name="Provider">Who vouches.</param>
/// <param name="LinkedAt">Since when.</param>
public sealed record SocialLoginView(SocialProvider Provider, DateTimeOffset LinkedAt);

/// <summary>Answer to <c>GET /v1/me</c>.</summary>
/// <param name="AccountId">The person.</param>
/// <param name="Email">As given.</param>
/// <param name="EmailVerified">Whether it is proven.</param>
/// <param name="Roles">Names of roles.</param>
/// <param name="Permissions">What they permit, together.</param>
/// <param name="HasPassword">Whether a password is set.</param>
/// <param name="TwoFactor">Whether an authenticator is asked for.</param>
/// <param name="RecoveryCodesLeft">Unused recovery codes.</param>
/// <param name="Profile">Profile and preferences.</param>
/// <param name="Version">The profile's version, for <c>If-Match</c>.</param>
/// <param name="CreatedAt">When the person registered.</param>
public sealed record MeView(
    Guid AccountId,
    string? Email,
    bool EmailVerified,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Permissions,
    bool HasPassword,
    bool TwoFactor,
    int RecoveryCodesLeft,
    ProfileDetails Profile,
    long Version,
    DateTimeOffset CreatedAt);

/// <summary>What others see of a person: fields that they may not see are null.</summary>
/// <param name="AccountId">The person.</param>
/// <param name="DisplayName">Always visible.</param>
/// <param name="Bio">Plain text.</param>
/// <param name="AvatarUrl">Picture.</param>
/// <param name="Locale">Language.</param>
/// <param name="TimeZone">Time zone.</param>
/// <param name="Tutor">Whether they teach.</param>
public sealed record PersonView(Guid AccountId, string DisplayName, string? Bio, string? AvatarUrl, string? Locale, string? TimeZone, bool Tutor);

/// <summary>Where and as whom a person is written to; for workers only, which neither keep nor log it.</summary>
/// <param name="Email">Their address.</param>
/// <param name="DisplayName">Of the profile.</param>
/// <param name="Locale">BCP 47 tag.</param>
/// <param name="TimeZone">IANA name.</param>
public sealed record AccountContact(string Email, string DisplayName, string Locale, string TimeZone);

/// <summary>An account as support sees it.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Email">As given; null once the address was lost to its owner.</param>
/// <param name="EmailVerified">Whether it is proven.</param>
/// <param name="DisplayName">Of the profile.</param>
/// <param name="Status">Whether it can be used.</param>
/// <param name="Roles">Names of roles.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record AccountView(Guid AccountId, string? Email, bool EmailVerified, string DisplayName, AccountStatus Status, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt);

/// <summary>A line of an account's audit trail.</summary>
/// <param name="Action">What happened: <c>session.started</c>, <c>role.granted</c>.</param>
/// <param name="ActorId">Who did it; null for nobody signed in, or the platform itself.</param>
/// <param name="At">When.</param>
/// <param name="CorrelationId">The message or request it belongs to.</param>
/// <param name="Details">More, by name; never a secret or an address.</param>
public sealed record HistoryEntry(string Action, Guid? ActorId, DateTimeOffset At, string CorrelationId, IReadOnlyDictionary<string, string> Details);

/// <summary>Everything that the platform's identity domain knows about a person.</summary>
/// <param name="Account">Account and profile.</param>
/// <param name="SocialLogins">Linked providers.</param>
/// <param name="Sessions">Sessions, ended ones included while they are kept; at most 1,000.</param>
/// <param name="History">Audit trail, the newest 10,000 entries.</param>
/// <param name="ExportedAt">When this was written.</param>
public sealed record PersonalDataExport(MeView Account, IReadOnlyList<SocialLoginView> SocialLogins, IReadOnlyList<SessionView> Sessions, IReadOnlyList<HistoryEntry> History, DateTimeOffset ExportedAt);

/// <summary>A JSON Web Key Set (RFC 7517): the keys by which access tokens are checked.</summary>
/// <param name="Keys">The next, the present and the former keys.</param>
public sealed record KeySet([property: JsonPropertyName("keys")] IReadOnlyList<PublicKey> Keys);

/// <summary>An EC public key on P-256.</summary>
/// <param name="Kty"><c>EC</c></param>
/// <param name="Use"><c>sig</c></param>
/// <param name="Alg"><c>ES256</c></param>
/// <param name="Kid">Key id, as in the header of tokens.</param>
/// <param name="Crv"><c>P-256</c></param>
/// <param name="X">Base64url.</param>
/// <param name="Y">Base64url.</param>
public sealed record PublicKey(
    [property: JsonPropertyName("kty")] string Kty,
    [property: JsonPropertyName("use")] string Use,
    [property: JsonPropertyName("alg")] string Alg,
    [property: JsonPropertyName("kid")] string Kid,
    [property: JsonPropertyName("crv")] string Crv,
    [property: JsonPropertyName("x")] string X,
    [property: JsonPropertyName("y")] string Y);
