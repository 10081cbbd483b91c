using FastEndpoints;

namespace EdTech.Gateway;

sealed class ResetPasswordPageEndpoint : QueryEndpoint<EmptyRequest, string>
{
    const string Field = """<p><label>New password, at least 10 characters <input name="newPassword" type="password" autocomplete="new-password" minlength="10" maxlength="128" required></label></p>""";

    public override void Configure()
    {
        Get("/reset-password");
        AllowAnonymous();
        Describe("The page that mails about passwords link to", tag: "Accounts");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => AccountPage.WriteAsync(HttpContext, "Choose a new password", "/v1/password-resets/complete", Field, "Set the password", "The password is set. You can sign in now.", ct);
}
