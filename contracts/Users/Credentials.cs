using System.Text.Json.Serialization;

namespace EdTech.Contracts.Users;

// Bodies of the synchronous internal API. None is a command: credentials never travel over the bus. None prints its content.

/// <summary>Who vouches for a person.</summary>
[JsonConverter(typeof(CamelCaseEnum<SocialProvider>))]
public enum SocialProvider
{
    /// <summary>Google.</summary>
    Google,

    /// <summary>Facebook.</summary>
    Facebook,

    /// <summary>Apple.</summary>
    Apple,
}

/// <summary>A newcomer's registration. The answer never tells whether the address had an account: the mail does.</summary>
/// <param name="Email">Where the verification goes.</param>
/// <param name="Password">10 to 128 characters.</param>
/// <param name="DisplayName">1 to 100 characters.</param>
/// <param name="Locale">BCP 47 tag; null for <c>en</c>.</param>
/// <param name="TimeZone">IANA name; null for <c>Etc/UTC</c>.</param>
public sealed record RegisterAccount(string Email, string Password, string DisplayName, string? Locale = null, string? TimeZone = null)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(RegisterAccount);
}

/// <summary>Proof that the person reads the mail of the address.</summary>
/// <param name="Token">As mailed.</param>
public sealed record VerifyEmail(string Token)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(VerifyEmail);
}

/// <summary>Asks for another verification mail. The answer never tells whether one was sent.</summary>
/// <param name="Email">The address.</param>
public sealed record ResendVerification(string Email)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(ResendVerification);
}

/// <summary>Asks for a mail by which a new password can be set. The answer never tells whether one was sent.</summary>
/// <param name="Email">The address.</param>
public sealed record RequestPasswordReset(string Email)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(RequestPasswordReset);
}

/// <summary>Sets a new password by the mailed token; all sessions end.</summary>
/// <param name="Token">As mailed.</param>
/// <param name="NewPassword">10 to 128 characters.</param>
public sealed record ResetPassword(string Token, string NewPassword)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(ResetPassword);
}

/// <summary>Sets a new password from a session; the other sessions end.</summary>
/// <param name="CurrentPassword">The one to replace.</param>
/// <param name="NewPassword">10 to 128 characters.</param>
/// <param name="SessionId">The session that stays.</param>
public sealed record ChangePassword(string CurrentPassword, string NewPassword, Guid SessionId)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(ChangePassword);
}

/// <summary>Signs in with e-mail and password.</summary>
/// <param name="Email">The address.</param>
/// <param name="Password">The password.</param>
/// <param name="Code">Six digits of the authenticator, or a recovery code, where the account has a second factor.</param>
/// <param name="Device">What the session is called in the person's list; usually the user agent.</param>
public sealed record StartSession(string Email, string Password, string? Code = null, string? Device = null)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(StartSession);
}

/// <summary>Signs in with a provider's ID token; makes the account when the identity is new.</summary>
/// <param name="Provider">Who issued the token.</param>
/// <param name="IdToken">The OpenID Connect ID token as the client received it.</param>
/// <param name="Nonce">What the client gave to the provider.</param>
/// <param name="Code">Second factor, where the account has one.</param>
/// <param name="Device">What the session is called in the person's list.</param>
public sealed record StartSocialSession(SocialProvider Provider, string IdToken, string Nonce, string? Code = null, string? Device = null)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(StartSocialSession);
}

/// <summary>Exchanges a refresh token. It is spent by this; a repeat within some seconds is taken for the same client and gets the same successor.</summary>
/// <param name="RefreshToken">As received last.</param>
public sealed record RefreshSession(string RefreshToken)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(RefreshSession);
}

/// <summary>From a session: sign in with this provider too from now on.</summary>
/// <param name="Provider">Who issued the token.</param>
/// <param name="IdToken">The OpenID Connect ID token.</param>
/// <param name="Nonce">What the client gave to the provider.</param>
public sealed record LinkSocialLogin(SocialProvider Provider, string IdToken, string Nonce)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(LinkSocialLogin);
}

/// <summary>From a session: starts to set up an authenticator. Nothing changes until a code confirms it.</summary>
/// <param name="Password">The account's password; null where it has none.</param>
public sealed record EnrolTwoFactor(string? Password)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(EnrolTwoFactor);
}

/// <summary>From a session: the authenticator works; from now on it is asked for.</summary>
/// <param name="Code">Six digits.</param>
public sealed record ConfirmTwoFactor(string Code)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(ConfirmTwoFactor);
}

/// <summary>From a session: switches the second factor off, or makes new recovery codes, depending on the route.</summary>
/// <param name="Password">The account's password; null where it has none.</param>
/// <param name="Code">Six digits, or a recovery code.</param>
public sealed record TwoFactorProof(string? Password, string Code)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(TwoFactorProof);
}
