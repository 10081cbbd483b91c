using FastEndpoints;

namespace EdTech.Gateway;

sealed class VerifyEmailPageEndpoint : QueryEndpoint<EmptyRequest, string>
{
    public override void Configure()
    {
        Get("/verify-email");
        AllowAnonymous();
        Describe("The page that the verification mail links to", tag: "Accounts");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct)
        => AccountPage.WriteAsync(HttpContext, "Verify your e-mail address", "/v1/accounts/verify", "", "Verify", "The address is verified. You can sign in now.", ct);
}
