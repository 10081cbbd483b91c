using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OtpNet;

namespace EdTech.Users.Tests;

/// <summary>How a test says where it begins.</summary>
public sealed partial class UsersFixture
{
    public const string Password = "violet-harbour-27-canoe";

    public static string NewEmail() => $"p{Guid.NewGuid():N}@school.example";

    /// <summary>Registered, not verified.</summary>
    public async Task<Person> Registered(string? email = null, string password = Password)
    {
        email ??= NewEmail();
        (await Post("/internal/users/accounts", new RegisterAccount(email, password, "Ada Lovelace"))).Status.ShouldBe(200);
        var id = await Sql<Guid>("SELECT account_id FROM users.account WHERE email_normalised = @email", new { email = EmailAddress.Normalise(email) });
        return new(id, email, password);
    }

    /// <summary>Registered, and the address verified.</summary>
    public async Task<Person> Member(string? email = null)
    {
        var person = await Registered(email);
        (await Post("/internal/users/accounts/verify", new VerifyEmail(await Token(person.Id, "verify")))).Status.ShouldBe(200);
        return person;
    }

    public async Task<SessionTokens> SignedIn(Person person, string? code = null) => (await SignIn(person, code)).As<SessionTokens>();

    public Task<Answer> SignIn(Person person, string? code = null, string? password = null, string? address = null)
        => Post("/internal/users/sessions", new StartSession(person.Email, password ?? person.Password, code), address: address);

    public Task<Answer> Refresh(string token) => Post("/internal/users/sessions/refresh", new RefreshSession(token));

    /// <summary>A member with an authenticator in use; gives its secret and the recovery codes. The code of the present step is used up.</summary>
    public async Task<(Person Person, Totp Totp, IReadOnlyList<string> RecoveryCodes)> MemberWithAuthenticator()
    {
        var person = await Member();
        var secret = (await Post("/internal/users/me/two-factor", new EnrolTwoFactor(person.Password), person.Id)).As<TwoFactorSecret>();
        var totp = new Totp(Base32Encoding.ToBytes(secret.Secret));
        var codes = (await Post("/internal/users/me/two-factor/confirm", new ConfirmTwoFactor(totp.ComputeTotp()), person.Id)).As<RecoveryCodes>();
        return (person, totp, codes.Codes);
    }

    /// <summary>Lets the codes of the present step work again, as if half a minute had passed.</summary>
    public Task ForgetStep(Guid accountId) => Sql<int>("UPDATE users.totp SET last_step = 0 WHERE account_id = @accountId", new { accountId });

    /// <summary>Makes a wait that was imposed last a minute longer, so that a slow machine does not sit it out unnoticed.</summary>
    public Task ProlongWait(Person person)
        => Sql<int>(
            "UPDATE users.throttle SET blocked_until = blocked_until + interval '1 minute' WHERE key = @key AND blocked_until > last_at",
            new { key = Secrets.ThrottleKey($"account {person.Email}") });

    /// <summary>The first administrator; made while the worker starts.</summary>
    public async Task<Guid> Admin()
    {
        var admin = Guid.Empty;
        await WorkerUnderTest.Until(
            async () => (admin = await Sql<Guid>("SELECT account_id FROM users.account WHERE email_normalised = @AdminEmail", new { AdminEmail })) != Guid.Empty,
            "the first administrator is there");
        return admin;
    }

    /// <summary>The token of the newest mail for this purpose, as it is mailed; waits until it is ordered.</summary>
    public async Task<string> Token(Guid accountId, string purpose)
    {
        var mailId = Guid.Empty;
        await WorkerUnderTest.Until(
            async () => (mailId = await Sql<Guid>("SELECT mail_id FROM users.account_mail WHERE account_id = @accountId AND purpose = @purpose ORDER BY created_at DESC, mail_id DESC LIMIT 1", new { accountId, purpose })) != Guid.Empty,
            $"a mail '{purpose}' is ordered");
        return AccountMails.Token(Secrets, mailId, accountId, purpose);
    }

    /// <summary>The mails that really arrived at this address; waits until there are as many.</summary>
    public static async Task<IReadOnlyList<CaughtMail>> Inbox(string email, int atLeast = 1)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        CaughtMail[] mails = [];
        await WorkerUnderTest.Until(
            async () =>
            {
                var all = await http.GetFromJsonAsync<CaughtMail[]>($"{Infrastructure.Setting("EDTECH_MAIL_WEB")}/api/email?to.address={Uri.EscapeDataString(email)}", JsonSerializerOptions.Web) ?? [];
                mails = [.. all.Where(m => m.To.Any(t => string.Equals(t.Address, email, StringComparison.OrdinalIgnoreCase)))];
                return mails.Length >= atLeast;
            },
            $"{atLeast} mail(s) arrived");
        return mails;
    }

    public Task<string?> Status(Guid accountId) => Sql<string>("SELECT status FROM users.account WHERE account_id = @accountId", new { accountId });

    internal Housekeeping Housekeeping => Worker.Host.Services.GetRequiredService<Housekeeping>();

    public sealed record Person(Guid Id, string Email, string Password);

    public sealed record CaughtMail(string Subject, string? Text, string? Html, Mailbox[] To, Dictionary<string, JsonElement> Headers)
    {
        public string MessageId => Headers["message-id"].GetString()!;
    }

    public sealed record Mailbox(string Address);
}
