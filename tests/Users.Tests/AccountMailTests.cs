using EdTech.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Users.Tests;

public sealed class AccountMailTests(UsersFixture users)
{
    [Fact]
    public async Task The_verification_really_arrives_and_its_token_works()
    {
        var person = await users.Registered();

        var mail = (await UsersFixture.Inbox(person.Email)).ShouldHaveSingleItem();

        mail.Subject.ShouldBe("Verify your e-mail address");
        mail.Text!.ShouldNotContain("Ada");
        var token = mail.Text!.Split('\n').Single(line => line.Length == 64);
        mail.Text.ShouldContain($"/verify-email#token={token}");
        mail.Html!.ShouldContain(token);
        (await users.Post("/internal/users/accounts/verify", new VerifyEmail(token))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_redelivered_message_sends_the_same_mail_again()
    {
        var person = await users.Registered();
        var first = (await UsersFixture.Inbox(person.Email)).ShouldHaveSingleItem();
        var mailId = await users.Sql<Guid>("SELECT mail_id FROM users.account_mail WHERE account_id = @Id", new { person.Id });

        await users.Worker.Host.Services.GetRequiredService<ITransactionalSession>().Run(context => context.SendLocal(new SendAccountMail(mailId)), CancellationToken.None);

        var both = await UsersFixture.Inbox(person.Email, atLeast: 2);
        both.Select(m => (m.MessageId, m.Text, m.Html)).Distinct().ShouldHaveSingleItem().MessageId.ShouldBe(first.MessageId);
    }

    [Fact]
    public async Task A_changed_password_is_told_by_mail()
    {
        var person = await users.Member();
        var session = await users.SignedIn(person);

        await users.Post("/internal/users/me/password", new ChangePassword(person.Password, "amber-lighthouse-64-fern", session.SessionId), person.Id);

        (await UsersFixture.Inbox(person.Email, atLeast: 2)).ShouldContain(m => m.Subject == "Your password was changed" && m.Text!.Contains("Hello Ada Lovelace"));
    }

    [Fact]
    public void A_name_cannot_put_markup_into_a_mail()
        => AccountMailText.Write(MailPurpose.PasswordChanged, "<img src=x>", "https://school.example", null).Html.ShouldContain("&lt;img");
}
