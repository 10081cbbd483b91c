namespace EdTech.Users.Tests;

public sealed class PasswordResetTests(UsersFixture users)
{
    const string NewPassword = "amber-lighthouse-64-fern";

    [Fact]
    public async Task A_reset_sets_the_password_and_signs_everybody_out()
    {
        var person = await users.Member();
        var session = await users.SignedIn(person);

        (await Ask(person.Email)).Status.ShouldBe(200);
        (await Complete(await users.Token(person.Id, "reset"))).Status.ShouldBe(200);

        (await users.SignIn(person)).Status.ShouldBe(401);
        (await users.SignIn(person, password: NewPassword)).Status.ShouldBe(200);
        (await users.Refresh(session.RefreshToken)).Status.ShouldBe(401);
        await users.Worker.Event<SessionRevoked>(e => e.SessionId == session.SessionId);
    }

    [Fact]
    public async Task Asking_reads_the_same_for_every_address()
    {
        var person = await users.Member();

        var answers = new[] { await Ask(person.Email), await Ask(UsersFixture.NewEmail()), await Ask("no address") };

        answers.Select(a => (a.Status, a.Body)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_token_used_twice_at_once_works_once()
    {
        var person = await users.Member();
        await Ask(person.Email);
        var token = await users.Token(person.Id, "reset");

        var answers = await Task.WhenAll(Complete(token, "first-of-two-31-words"), Complete(token, "second-of-two-32-words"));

        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Single(a => a.Status != 200).Code.ShouldBe("token.used");
    }

    [Fact]
    public async Task A_repeat_under_the_same_key_gives_the_same_answer()
    {
        var person = await users.Member();
        await Ask(person.Email);
        var request = new ResetPassword(await users.Token(person.Id, "reset"), NewPassword);
        var key = Guid.NewGuid().ToString();

        var first = await users.Post("/internal/users/password-resets/complete", request, messageId: key);
        var second = await users.Post("/internal/users/password-resets/complete", request, messageId: key);

        first.Status.ShouldBe(200);
        second.ShouldBe(first);
    }

    [Fact]
    public async Task A_token_dies_after_half_an_hour_and_costs_no_hash()
    {
        var person = await users.Member();
        await Ask(person.Email);
        var token = await users.Token(person.Id, "reset");
        await users.Sql<int>("UPDATE users.account_mail SET expires_at = now() WHERE account_id = @Id", new { person.Id });

        (await Complete(token)).Code.ShouldBe("token.expired");
        (await Complete("forged")).Code.ShouldBe("token.invalid");
    }

    [Fact]
    public async Task Whoever_asks_again_and_again_does_not_fill_the_mailbox()
    {
        var person = await users.Member();
        for (var i = 0; i < 8; i++)
        {
            await Ask(person.Email);
        }

        await WorkerUnderTest.Until(async () => await users.Sql<int>("SELECT count(*) FROM users.mail_request WHERE email_normalised = @Email", new { person.Email }) == 0, "all requests are handled");
        (await users.Sql<int>("SELECT count(*) FROM users.account_mail WHERE account_id = @Id AND purpose = 'reset'", new { person.Id })).ShouldBe(5);
    }

    [Fact]
    public async Task Changing_the_password_needs_the_present_one_and_keeps_this_session_only()
    {
        var person = await users.Member();
        var here = await users.SignedIn(person);
        var there = await users.SignedIn(person);

        (await Change(person, "wrong-wrong-wrong", here)).Code.ShouldBe("password.wrong");
        (await Change(person, person.Password, here, "password123456")).Code.ShouldBe("password.too_common");
        (await Change(person, person.Password, here)).Status.ShouldBe(200);

        (await users.Refresh(here.RefreshToken)).Status.ShouldBe(200);
        (await users.Refresh(there.RefreshToken)).Status.ShouldBe(401);
        (await users.SignIn(person, password: NewPassword)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_stolen_access_token_cannot_guess_the_password()
    {
        var person = await users.Member();
        var session = await users.SignedIn(person);
        for (var i = 0; i < 5; i++)
        {
            (await Change(person, $"wrong-wrong-{i}", session)).Code.ShouldBe("password.wrong");
        }

        await users.ProlongWait(person);
        (await Change(person, person.Password, session)).Status.ShouldBe(429);
    }

    Task<UsersFixture.Answer> Ask(string email) => users.Post("/internal/users/password-resets", new RequestPasswordReset(email));

    Task<UsersFixture.Answer> Complete(string token, string password = NewPassword) => users.Post("/internal/users/password-resets/complete", new ResetPassword(token, password));

    Task<UsersFixture.Answer> Change(UsersFixture.Person person, string current, SessionTokens session, string password = NewPassword)
        => users.Post("/internal/users/me/password", new ChangePassword(current, password, session.SessionId), person.Id);
}
