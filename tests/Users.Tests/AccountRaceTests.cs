namespace EdTech.Users.Tests;

/// <summary>What meets on one account at the same moment ends in an answer, never in a deadlock.</summary>
public sealed class AccountRaceTests(UsersFixture users)
{
    [Fact]
    public async Task Verifying_registering_again_and_asking_for_mail_at_once()
    {
        for (var round = 0; round < 5; round++)
        {
            var person = await users.Registered();
            var token = await users.Token(person.Id, "verify");

            var answers = await Task.WhenAll(
                users.Post("/internal/users/accounts/verify", new VerifyEmail(token)),
                users.Post("/internal/users/accounts", new RegisterAccount(person.Email, "another-9-password", "Eve")),
                users.Post("/internal/users/accounts/verify/resend", new ResendVerification(person.Email)),
                users.Post("/internal/users/password-resets", new RequestPasswordReset(person.Email)));

            answers.ShouldAllBe(a => a.Status == 200 || a.Status == 422);
        }
    }

    [Fact]
    public async Task Switching_the_second_factor_off_while_signing_in_and_changing_the_password()
    {
        var (person, _, codes) = await users.MemberWithAuthenticator();

        var answers = await Task.WhenAll(
            users.SignIn(person, codes[0]),
            users.SignIn(person, codes[1]),
            users.Post("/internal/users/me/two-factor/disable", new TwoFactorProof(person.Password, codes[2]), person.Id),
            users.Post("/internal/users/me/password", new ChangePassword(person.Password, "amber-lighthouse-64-fern", Guid.NewGuid()), person.Id));

        answers.ShouldAllBe(a => a.Status < 500);
    }

    [Fact]
    public async Task A_sign_in_that_meets_a_suspension_leaves_no_live_session()
    {
        var support = new Actor(Guid.NewGuid(), ["accounts.suspend"]);
        for (var round = 0; round < 5; round++)
        {
            var person = await users.Member();

            await Task.WhenAll(users.SignIn(person), users.SignIn(person), users.Worker.Ask(new SuspendAccount(support, person.Id, "spam")));

            (await users.Sql<int>("SELECT count(*) FROM users.session WHERE account_id = @Id AND revoked_at IS NULL", new { person.Id })).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_sign_in_that_meets_a_reset_leaves_no_session_of_the_old_password()
    {
        var person = await users.Member();
        await users.Post("/internal/users/password-resets", new RequestPasswordReset(person.Email));
        var token = await users.Token(person.Id, "reset");

        await Task.WhenAll(
            users.Post("/internal/users/password-resets/complete", new ResetPassword(token, "amber-lighthouse-64-fern")),
            users.SignIn(person),
            users.SignIn(person),
            users.SignIn(person));

        (await users.Sql<int>("SELECT count(*) FROM users.session WHERE account_id = @Id AND revoked_at IS NULL", new { person.Id })).ShouldBe(0);
    }
}
