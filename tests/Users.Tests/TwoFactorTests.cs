using OtpNet;

namespace EdTech.Users.Tests;

public sealed class TwoFactorTests(UsersFixture users)
{
    [Fact]
    public async Task An_authenticator_is_asked_for_once_a_code_has_confirmed_it()
    {
        var person = await users.Member();
        var secret = (await users.Post("/internal/users/me/two-factor", new EnrolTwoFactor(person.Password), person.Id)).As<TwoFactorSecret>();
        secret.Uri.ShouldStartWith("otpauth://totp/EdTech:");
        (await users.SignIn(person)).Status.ShouldBe(200);
        var totp = new Totp(Base32Encoding.ToBytes(secret.Secret));

        var codes = (await users.Post("/internal/users/me/two-factor/confirm", new ConfirmTwoFactor(totp.ComputeTotp()), person.Id)).As<RecoveryCodes>();

        codes.Codes.Distinct().Count().ShouldBe(10);
        var without = await users.SignIn(person);
        (without.Status, without.Code).ShouldBe((401, "session.code_required"));
        await users.ForgetStep(person.Id);
        (await users.SignedIn(person, totp.ComputeTotp())).AccessToken.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_code_works_once()
    {
        var (person, totp, _) = await users.MemberWithAuthenticator();
        await users.ForgetStep(person.Id);
        var code = totp.ComputeTotp();

        var answers = await Task.WhenAll(users.SignIn(person, code), users.SignIn(person, code), users.SignIn(person, code));

        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Where(a => a.Status != 200).ShouldAllBe(a => a.Code == "session.wrong_code");
    }

    [Fact]
    public async Task A_recovery_code_used_twice_at_once_works_once()
    {
        var (person, _, codes) = await users.MemberWithAuthenticator();

        var answers = await Task.WhenAll(users.SignIn(person, codes[0]), users.SignIn(person, codes[0]), users.SignIn(person, codes[0].ToLowerInvariant()));

        answers.Count(a => a.Status == 200).ShouldBe(1);
        (await users.Get("/internal/users/me", person.Id)).As<MeView>().RecoveryCodesLeft.ShouldBe(9);
        (await users.SignIn(person, codes[0])).Code.ShouldBe("session.wrong_code");
    }

    [Fact]
    public async Task A_wrong_code_tells_nothing_before_the_password_is_right()
    {
        var (person, _, _) = await users.MemberWithAuthenticator();

        (await users.SignIn(person, "000000", password: "wrong-wrong-wrong")).Code.ShouldBe("session.wrong_credentials");
        (await users.SignIn(person, "ABCD-EFGH-JKLM")).Code.ShouldBe("session.wrong_code");
    }

    [Fact]
    public async Task Guessing_codes_gets_slower_like_guessing_passwords()
    {
        var (person, _, _) = await users.MemberWithAuthenticator();
        for (var i = 0; i < 5; i++)
        {
            (await users.SignIn(person, $"WRONG-{i}")).Code.ShouldBe("session.wrong_code");
        }

        await users.ProlongWait(person);
        (await users.SignIn(person, "WRONG-6")).Status.ShouldBe(429);
    }

    [Fact]
    public async Task Enrolling_needs_the_password_and_does_not_replace_an_authenticator_in_use()
    {
        var (person, _, _) = await users.MemberWithAuthenticator();

        (await users.Post("/internal/users/me/two-factor", new EnrolTwoFactor("wrong-wrong-wrong"), person.Id)).Code.ShouldBe("password.wrong");
        (await users.Post("/internal/users/me/two-factor", new EnrolTwoFactor(person.Password), person.Id)).Code.ShouldBe("two_factor.already_on");
    }

    [Fact]
    public async Task Switching_off_needs_password_and_code()
    {
        var (person, _, codes) = await users.MemberWithAuthenticator();
        await users.ForgetStep(person.Id);

        (await Disable(person, person.Password, "WRONG")).Code.ShouldBe("two_factor.wrong_code");
        (await Disable(person, "wrong-wrong-wrong", codes[1])).Code.ShouldBe("password.wrong");
        (await Disable(person, person.Password, codes[1])).Status.ShouldBe(200);

        (await users.SignIn(person)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task New_recovery_codes_replace_the_old_ones()
    {
        var (person, totp, old) = await users.MemberWithAuthenticator();
        await users.ForgetStep(person.Id);

        var fresh = (await users.Post("/internal/users/me/two-factor/recovery-codes", new TwoFactorProof(person.Password, totp.ComputeTotp()), person.Id)).As<RecoveryCodes>();

        fresh.Codes.Intersect(old).ShouldBeEmpty();
        (await users.SignIn(person, old[0])).Code.ShouldBe("session.wrong_code");
        (await users.SignIn(person, fresh.Codes[0])).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_database_holds_neither_secret_nor_code()
    {
        var (person, totp, codes) = await users.MemberWithAuthenticator();

        var secret = await users.Sql<byte[]>("SELECT secret FROM users.totp WHERE account_id = @Id", new { person.Id });

        Should.Throw<System.Security.Cryptography.CryptographicException>(() => users.Secrets.Open(secret!, "totp of somebody else"));
        new Totp(users.Secrets.Open(secret!, SecondFactor.Purpose(person.Id))).ComputeTotp().ShouldBe(totp.ComputeTotp());
        (await users.Sql<int>("SELECT count(*) FROM users.recovery_code WHERE account_id = @Id AND position(@code IN encode(code_hash, 'escape')) > 0", new { person.Id, code = codes[0] })).ShouldBe(0);
    }

    Task<UsersFixture.Answer> Disable(UsersFixture.Person person, string password, string code)
        => users.Post("/internal/users/me/two-factor/disable", new TwoFactorProof(password, code), person.Id);
}
