namespace EdTech.Users.Tests;

public sealed class RegistrationTests(UsersFixture users)
{
    [Fact]
    public async Task A_newcomer_registers_verifies_and_is_a_student()
    {
        var person = await users.Registered();
        await users.Worker.Event<AccountRegistered>(e => e.AccountId == person.Id);

        var done = (await users.Post("/internal/users/accounts/verify", new VerifyEmail(await users.Token(person.Id, "verify")))).As<Done>();

        done.Id.ShouldBe(person.Id);
        await users.Worker.Event<EmailVerified>(e => e.AccountId == person.Id);
        var me = (await users.Get("/internal/users/me", person.Id)).As<MeView>();
        me.EmailVerified.ShouldBeTrue();
        me.Roles.ShouldBe(["student"]);
        me.Permissions.ShouldBe(["learn"]);
    }

    [Fact]
    public async Task The_answer_is_the_same_for_a_free_a_claimed_and_a_taken_address()
    {
        var claimed = await users.Registered();
        var taken = await users.Member();

        var answers = new[]
        {
            await Register(UsersFixture.NewEmail(), "another-9-password"),
            await Register(claimed.Email, "another-9-password"),
            await Register(taken.Email, "another-9-password"),
        };

        answers.Select(a => a.Status).Distinct().ShouldBe([200]);
        answers.Select(a => a.Body).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task An_address_that_has_an_account_is_told_by_mail_and_nothing_changes()
    {
        var taken = await users.Member();

        await Register(taken.Email.ToUpperInvariant(), "another-9-password");

        (await UsersFixture.Inbox(taken.Email, atLeast: 2)).ShouldContain(m => m.Subject == "You have an account already");
        (await users.SignIn(taken)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Of_two_who_register_an_address_at_once_one_account_comes_to_be()
    {
        var email = UsersFixture.NewEmail();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Register(email, $"racing-{i}-password")));

        answers.Select(a => a.Status).Distinct().ShouldBe([200]);
        (await users.Sql<int>("SELECT count(*) FROM users.account WHERE email_normalised = @email", new { email })).ShouldBe(1);
    }

    [Fact]
    public async Task A_repeat_under_the_same_key_gives_the_same_answer_and_one_mail()
    {
        var email = UsersFixture.NewEmail();
        var request = new RegisterAccount(email, UsersFixture.Password, "Ada");
        var key = Guid.NewGuid().ToString();

        var answers = new[] { await users.Post("/internal/users/accounts", request, messageId: key), await users.Post("/internal/users/accounts", request, messageId: key) };

        answers.Select(a => (a.Status, a.Body)).Distinct().Count().ShouldBe(1);
        (await users.Sql<int>("SELECT count(*) FROM users.account_mail JOIN users.account USING (account_id) WHERE email_normalised = @email", new { email })).ShouldBe(1);
        (await users.Post("/internal/users/accounts", request with { DisplayName = "Eve" }, messageId: key)).Status.ShouldBe(422);
    }

    [Fact]
    public async Task Who_registers_somebody_elses_address_first_does_not_get_the_account()
    {
        var attacker = await users.Registered(password: "attackers-own-77-word");
        var earlierToken = await users.Token(attacker.Id, "verify");

        await Register(attacker.Email, "the-owners-55-word");

        // Neither password is believed; the mailed token decides.
        (await users.Post("/internal/users/accounts/verify", new VerifyEmail(earlierToken))).Code.ShouldBe("token.used");
        var claim = await users.Token(attacker.Id, "claim");
        (await users.Post("/internal/users/password-resets/complete", new ResetPassword(claim, "the-owners-55-word"))).Status.ShouldBe(200);
        (await users.SignIn(attacker)).Code.ShouldBe("session.wrong_credentials");
        (await users.SignIn(attacker, password: "the-owners-55-word")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Registering_again_with_the_same_password_only_sends_the_mail_again()
    {
        var person = await users.Registered();

        await Register(person.Email, person.Password);

        (await users.Sql<int>("SELECT count(*) FROM users.account_mail WHERE account_id = @Id AND purpose = 'verify' AND used_at IS NULL", new { person.Id })).ShouldBe(2);
        (await users.SignIn(person)).Code.ShouldBe("account.email_not_verified");
    }

    [Fact]
    public async Task A_verification_token_works_once_and_only_for_its_purpose_and_time()
    {
        var person = await users.Registered();
        var token = await users.Token(person.Id, "verify");

        (await users.Post("/internal/users/password-resets/complete", new ResetPassword(token, "another-9-password"))).Code.ShouldBe("token.invalid");
        (await Verify($"{token[..^1]}{(token[^1] == 'A' ? 'B' : 'A')}")).Code.ShouldBe("token.invalid");
        (await Verify("")).Code.ShouldBe("token.invalid");
        (await Task.WhenAll(Verify(token), Verify(token), Verify(token))).Count(a => a.Status == 200).ShouldBe(1);
        (await Verify(token)).Code.ShouldBe("token.used");
    }

    [Fact]
    public async Task An_expired_verification_token_is_refused_and_another_can_be_had()
    {
        var person = await users.Registered();
        var token = await users.Token(person.Id, "verify");
        await users.Sql<int>("UPDATE users.account_mail SET expires_at = now(), created_at = created_at - interval '1 day' WHERE account_id = @Id", new { person.Id });

        (await Verify(token)).Code.ShouldBe("token.expired");
        (await users.Post("/internal/users/accounts/verify/resend", new ResendVerification(person.Email))).Status.ShouldBe(200);

        await WorkerUnderTest.Until(async () => await users.Token(person.Id, "verify") != token, "another mail is ordered");
        (await Verify(await users.Token(person.Id, "verify"))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("no-at-sign", "email.malformed")]
    [InlineData("a@b", "email.malformed")]
    [InlineData("two@at@signs..example", "email.malformed")]
    public async Task What_is_no_address_is_refused(string email, string code) => (await Register(email, UsersFixture.Password)).Code.ShouldBe(code);

    [Fact]
    public async Task A_trivial_password_is_refused_before_anything_is_looked_up()
    {
        var taken = await users.Member();

        (await Register(taken.Email, "password123456")).Code.ShouldBe("password.too_common");
        (await Register(UsersFixture.NewEmail(), "password123456")).Code.ShouldBe("password.too_common");
    }

    Task<UsersFixture.Answer> Register(string email, string password) => users.Post("/internal/users/accounts", new RegisterAccount(email, password, "Ada Lovelace"));

    Task<UsersFixture.Answer> Verify(string token) => users.Post("/internal/users/accounts/verify", new VerifyEmail(token));
}
