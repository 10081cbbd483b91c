using Dapper;

namespace EdTech.Users.Tests;

public sealed class SocialSignInTests(UsersFixture users)
{
    [Fact]
    public async Task A_new_identity_with_a_proven_address_gets_an_account_and_comes_back_to_it()
    {
        var subject = NewSubject();
        var email = UsersFixture.NewEmail();

        var first = (await SignIn(users.Issuer.RsaToken(subject, email, true))).As<SessionTokens>();
        var again = (await SignIn(users.Issuer.EcToken(subject, UsersFixture.NewEmail(), true))).As<SessionTokens>();

        again.AccountId.ShouldBe(first.AccountId);
        var me = (await users.Get("/internal/users/me", first.AccountId)).As<MeView>();
        me.EmailVerified.ShouldBeTrue();
        me.HasPassword.ShouldBeFalse();
        me.Profile.DisplayName.ShouldBe("Grace Hopper");
        await users.Worker.Event<AccountRegistered>(e => e.AccountId == first.AccountId);
        await users.Worker.Event<EmailVerified>(e => e.AccountId == first.AccountId);
    }

    [Fact]
    public async Task One_new_identity_signing_in_twice_at_once_gets_one_account()
    {
        var subject = NewSubject();
        var email = UsersFixture.NewEmail();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => SignIn(users.Issuer.RsaToken(subject, email, true, change: d => d.Claims["jti"] = $"{i}"))));

        answers.Select(a => a.As<SessionTokens>().AccountId).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task An_address_with_a_verified_account_is_not_linked_silently()
    {
        var person = await users.Member();
        var token = users.Issuer.RsaToken(NewSubject(), person.Email.ToUpperInvariant(), true);

        var refused = await SignIn(token);

        (refused.Status, refused.Code).ShouldBe((409, "social.link_required"));
        (await users.Post("/internal/users/me/social-logins", new LinkSocialLogin(SocialProvider.Google, token, "n-1"), person.Id)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Linked_from_a_session_the_identity_signs_the_account_in()
    {
        var person = await users.Member();
        var subject = NewSubject();
        (await Link(person, users.Issuer.RsaToken(subject, "other@elsewhere.example", true))).Status.ShouldBe(200);

        (await SignIn(users.Issuer.EcToken(subject, "other@elsewhere.example", true))).As<SessionTokens>().AccountId.ShouldBe(person.Id);
        (await users.Get("/internal/users/me/social-logins", person.Id)).As<Page<SocialLoginView>>().Items.ShouldHaveSingleItem().Provider.ShouldBe(SocialProvider.Google);
    }

    [Fact]
    public async Task An_account_prepared_for_somebody_elses_address_is_not_handed_over()
    {
        // The attacker registers the victim's address and waits for the victim to come by with a provider.
        var attacker = await users.Registered();
        var attackersMail = await users.Token(attacker.Id, "verify");

        var victim = (await SignIn(users.Issuer.RsaToken(NewSubject(), attacker.Email, true))).As<SessionTokens>();

        victim.AccountId.ShouldNotBe(attacker.Id);
        (await users.Status(attacker.Id)).ShouldBe("voided");
        (await users.SignIn(attacker)).Code.ShouldBe("session.wrong_credentials");
        (await users.Post("/internal/users/accounts/verify", new VerifyEmail(attackersMail))).Code.ShouldBe("token.used");
    }

    [Fact]
    public async Task An_identity_whose_address_is_not_proven_must_verify_it_by_our_own_mail()
    {
        var subject = NewSubject();
        var email = UsersFixture.NewEmail();

        (await SignIn(users.Issuer.RsaToken(subject, email, false))).Code.ShouldBe("account.email_not_verified");

        var account = await users.Sql<Guid>("SELECT account_id FROM users.account WHERE email_normalised = @email", new { email });
        (await users.Post("/internal/users/accounts/verify", new VerifyEmail(await users.Token(account, "verify")))).Status.ShouldBe(200);
        (await SignIn(users.Issuer.RsaToken(subject, email, false))).As<SessionTokens>().AccountId.ShouldBe(account);
    }

    [Fact]
    public async Task An_unproven_address_reads_the_same_whether_it_has_an_account()
    {
        var person = await users.Member();

        var taken = await SignIn(users.Issuer.RsaToken(NewSubject(), person.Email, false));
        var free = await SignIn(users.Issuer.RsaToken(NewSubject(), UsersFixture.NewEmail(), false));

        taken.ShouldBe(free);
        (await users.Get("/internal/users/me/social-logins", person.Id)).As<Page<SocialLoginView>>().Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_identity_that_claimed_an_address_first_loses_it_to_who_reads_its_mail()
    {
        var subject = NewSubject();
        var email = UsersFixture.NewEmail();
        await SignIn(users.Issuer.RsaToken(subject, email, false));
        var account = await users.Sql<Guid>("SELECT account_id FROM users.account WHERE email_normalised = @email", new { email });
        await users.Post("/internal/users/password-resets", new RequestPasswordReset(email));

        (await users.Post("/internal/users/password-resets/complete", new ResetPassword(await users.Token(account, "reset"), UsersFixture.Password))).Status.ShouldBe(200);

        (await users.SignIn(new(account, email, UsersFixture.Password))).Status.ShouldBe(200);
        (await SignIn(users.Issuer.RsaToken(subject, email, false))).Code.ShouldBe("account.email_not_verified");
    }

    [Fact]
    public async Task A_sign_in_that_waits_for_a_reset_does_not_outlive_it()
    {
        var (subject, email) = (NewSubject(), UsersFixture.NewEmail());
        (await SignIn(users.Issuer.RsaToken(subject, email, true))).Status.ShouldBe(200);
        var account = await users.Sql<Guid>("SELECT account_id FROM users.account WHERE email_normalised = @email", new { email });
        Task<UsersFixture.Answer> signIn;
        await using (var reset = await users.Worker.Db.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (var transaction = await reset.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await reset.ExecuteAsync("SELECT 1 FROM users.account WHERE account_id = @account FOR NO KEY UPDATE; DELETE FROM users.social_login WHERE account_id = @account", new { account }, transaction);
            signIn = SignIn(users.Issuer.RsaToken(subject, email, true));
            await WorkerUnderTest.Until(
                () => users.Sql<bool>("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND @pid = ANY (pg_blocking_pids(pid)))", new { pid = reset.ProcessID }),
                "the sign-in waits for the account");
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        (await signIn).Code.ShouldBe("session.changed_meanwhile");
        (await users.Sql<int>("SELECT count(*)::int FROM users.session WHERE account_id = @account", new { account })).ShouldBe(1, "the first one's");
    }

    [Fact]
    public async Task A_token_signs_in_once()
    {
        var token = users.Issuer.RsaToken(NewSubject(), UsersFixture.NewEmail(), true);

        var answers = await Task.WhenAll(SignIn(token), SignIn(token));

        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Single(a => a.Status != 200).Code.ShouldBe("social.token_used");
    }

    [Fact]
    public async Task Tokens_that_are_not_for_us_are_all_refused_alike()
    {
        var email = UsersFixture.NewEmail();
        var bad = new[]
        {
            users.Issuer.ForgedToken(NewSubject(), email),
            users.Issuer.ConfusedToken(NewSubject(), email),
            users.Issuer.RsaToken(NewSubject(), email, true, nonce: "another"),
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.Claims.Remove("nonce")),
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.Issuer = "https://evil.example"),
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.Audience = "somebody-elses-app"),
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.Expires = DateTime.UtcNow.AddMinutes(-2)),
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.IssuedAt = DateTime.UtcNow.AddHours(-1)),
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.IssuedAt = DateTime.UtcNow.AddHours(1)),
            users.Issuer.RsaToken("", email, true),
            $"{Base64("""{"alg":"none","kid":"rsa"}""")}.{Base64($$"""{"sub":"x","iss":"{{users.Issuer.Url}}","aud":"edtech-web","nonce":"n-1"}""")}.",
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.Claims["jti"] = 7),
            users.Issuer.RsaToken(NewSubject(), email, true, change: d => d.Claims["sub"] = new[] { "one", "two" }),
            "not.a.token",
            "",
        };

        var answers = await Task.WhenAll(bad.Select(t => SignIn(t)));

        answers.Select(a => (a.Status, a.Code)).Distinct().ShouldHaveSingleItem().ShouldBe((401, "social.token_invalid"));
        (await users.Sql<bool>("SELECT EXISTS (SELECT FROM users.account WHERE email_normalised = @email)", new { email })).ShouldBeFalse();
    }

    [Fact]
    public async Task The_second_factor_is_asked_for_here_too()
    {
        var (person, _, codes) = await users.MemberWithAuthenticator();
        var subject = NewSubject();
        await Link(person, users.Issuer.RsaToken(subject, null, false));

        (await SignIn(users.Issuer.RsaToken(subject, null, false))).Code.ShouldBe("session.code_required");
        (await SignIn(users.Issuer.RsaToken(subject, null, false), codes[0])).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_login_belongs_to_one_account_and_an_account_has_one_per_provider()
    {
        var subject = NewSubject();
        var owner = await users.Member();
        var other = await users.Member();
        await Link(owner, users.Issuer.RsaToken(subject, null, false));

        (await Link(other, users.Issuer.EcToken(subject, null, false))).Code.ShouldBe("social.linked_already");
        (await Link(owner, users.Issuer.RsaToken(NewSubject(), null, false))).Code.ShouldBe("social.linked_already");
    }

    [Fact]
    public async Task The_last_way_in_cannot_be_unlinked()
    {
        var tokens = (await SignIn(users.Issuer.RsaToken(NewSubject(), UsersFixture.NewEmail(), true))).As<SessionTokens>();
        var me = new Actor(tokens.AccountId, []);

        (await users.Worker.Refused(new UnlinkSocialLogin(me, SocialProvider.Google))).Code.ShouldBe("social.last_way_in");
        (await users.Worker.Refused(new UnlinkSocialLogin(me, SocialProvider.Apple))).Code.ShouldBe("social.not_linked");

        await users.Sql<int>("INSERT INTO users.social_login (provider, subject, account_id, linked_at) VALUES ('apple', @subject, @AccountId, now())", new { subject = NewSubject(), tokens.AccountId });
        var both = await Task.WhenAll(users.Worker.Ask(new UnlinkSocialLogin(me, SocialProvider.Google)), users.Worker.Ask(new UnlinkSocialLogin(me, SocialProvider.Apple)));
        both.Count(r => r is Done).ShouldBe(1);
    }

    [Fact]
    public async Task A_provider_that_is_off_or_away_is_said_to_be_so()
    {
        var token = users.Issuer.RsaToken(NewSubject(), UsersFixture.NewEmail(), true);

        (await SignIn(token, provider: SocialProvider.Facebook)).Code.ShouldBe("social.provider_not_configured");
        // More often than it is asked: the last ones are told without asking it.
        for (var i = 0; i < 5; i++)
        {
            var away = await SignIn(token, provider: SocialProvider.Apple);
            (away.Status, away.Code).ShouldBe((503, "social.provider_unavailable"));
        }
    }

    [Fact]
    public async Task The_providers_keys_are_read_once_not_per_sign_in()
    {
        await SignIn(users.Issuer.RsaToken(NewSubject(), UsersFixture.NewEmail(), true));
        await SignIn(users.Issuer.RsaToken(NewSubject(), UsersFixture.NewEmail(), true));

        users.Issuer.TimesAsked.ShouldBeLessThan(3);
    }

    static string NewSubject() => Guid.NewGuid().ToString("N");

    static string Base64(string text) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));

    Task<UsersFixture.Answer> SignIn(string idToken, string? code = null, SocialProvider provider = SocialProvider.Google)
        => users.Post("/internal/users/sessions/social", new StartSocialSession(provider, idToken, "n-1", code));

    Task<UsersFixture.Answer> Link(UsersFixture.Person person, string idToken)
        => users.Post("/internal/users/me/social-logins", new LinkSocialLogin(SocialProvider.Google, idToken, "n-1"), person.Id);
}
