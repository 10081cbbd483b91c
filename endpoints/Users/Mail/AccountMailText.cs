using System.Net;

namespace EdTech.Users;

/// <summary>What a mail says, as plain text and as HTML.</summary>
static class AccountMailText
{
    public static AccountMailContent Write(string purpose, string displayName, string publicUrl, string? token) => purpose switch
    {
        // Who registers somebody else's address must not be able to put words into our mails: no name in these two.
        MailPurpose.Verify => Compose(
            "Verify your e-mail address",
            null,
            "Somebody, most likely you, registered on EdTech with this address. Verify that it is yours within 24 hours:",
            Link("Verify the address", $"{publicUrl}/verify-email", token),
            token,
            "If it was not you, ignore this mail: without it the account cannot be used."),
        MailPurpose.Claim => Compose(
            "Finish your registration",
            null,
            "This address was registered on EdTech more than once before it was verified. To be sure that the account is yours alone, choose its password within 24 hours:",
            Link("Choose a password", $"{publicUrl}/reset-password", token),
            token,
            "If it was not you, ignore this mail: without it the account cannot be used."),
        MailPurpose.Reset => Compose(
            "Choose a new password",
            displayName,
            "Somebody, most likely you, asked for a new password. Choose it within 30 minutes; you will be signed out everywhere:",
            Link("Choose a new password", $"{publicUrl}/reset-password", token),
            token,
            "If it was not you, ignore this mail: your password stays as it is."),
        MailPurpose.AlreadyRegistered => Compose(
            "You have an account already",
            displayName,
            "Somebody, perhaps you, tried to register on EdTech with this address. It has an account already, which stays as it is. Sign in, or ask for a new password if you have forgotten yours.",
            null,
            null,
            "If it was not you, there is nothing to do."),
        MailPurpose.PasswordChanged => Notice("Your password was changed", displayName, "The password of your EdTech account was changed, and your other sessions were signed out."),
        MailPurpose.TwoFactorOn => Notice("Two-factor sign-in is on", displayName, "From now on your EdTech account asks for a code of your authenticator when you sign in."),
        MailPurpose.TwoFactorOff => Notice("Two-factor sign-in is off", displayName, "Your EdTech account no longer asks for a code when you sign in."),
        MailPurpose.SocialLinked => Notice("A new way to sign in", displayName, "A Google, Facebook or Apple login was linked to your EdTech account."),
        _ => throw new ArgumentException($"There is no text for mails of purpose '{purpose}'. Add it where the others are.", nameof(purpose)),
    };

    static AccountMailContent Notice(string subject, string displayName, string body)
        => Compose(subject, displayName, body, null, null, "If it was not you, ask for a new password at once: that signs everybody out.");

    // The token is in the fragment: browsers keep it to themselves, so it reaches no server's log and no mail scanner's prefetch uses it up.
    static (string Text, string Url)? Link(string text, string url, string? token) => (text, $"{url}#token={token}");

    static AccountMailContent Compose(string subject, string? displayName, string body, (string Text, string Url)? link, string? token, string closing)
    {
        var greeting = displayName is null ? "Hello," : $"Hello {displayName},";
        var text = $"{greeting}\n\n{body}\n";
        var html = $"<p>{WebUtility.HtmlEncode(greeting)}</p><p>{body}</p>";
        if (link is { } target)
        {
            text += $"\n{target.Url}\n\nOr, with the API, use this token:\n\n{token}\n";
            html += $"<p><a href=\"{target.Url}\">{target.Text}</a></p><p>Or, with the API, use this token:</p><p><code>{token}</code></p>";
        }

        return new(subject, $"{text}\n{closing}\n", $"<!doctype html><html lang=\"en\"><body>{html}<p>{closing}</p></body></html>");
    }
}

sealed record AccountMailContent(string Subject, string Text, string Html);
