namespace EdTech.Users.Tests;

/// <summary>Run alone: these count what the whole endpoint computes.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class TimingTests(UsersFixture users)
{
    [Fact]
    public async Task Signing_in_costs_one_hash_whoever_it_is()
    {
        var person = await users.Member();
        var unverified = await users.Registered();
        var social = (await users.Post("/internal/users/sessions/social", new StartSocialSession(SocialProvider.Google, users.Issuer.RsaToken(Guid.NewGuid().ToString(), UsersFixture.NewEmail(), true), "n-1"))).As<SessionTokens>();
        var withoutPassword = (await users.Get("/internal/users/me", social.AccountId)).As<MeView>().Email!;

        (await Hashes(() => users.SignIn(person))).ShouldBe(1);
        (await Hashes(() => users.SignIn(person, password: "wrong-wrong-wrong"))).ShouldBe(1);
        (await Hashes(() => users.SignIn(unverified))).ShouldBe(1);
        (await Hashes(() => users.SignIn(person with { Email = withoutPassword }))).ShouldBe(1);
        (await Hashes(() => users.SignIn(person with { Email = UsersFixture.NewEmail() }))).ShouldBe(1);
        (await Hashes(() => users.SignIn(person with { Email = "no address" }))).ShouldBe(1);
    }

    [Fact]
    public async Task Registering_costs_two_hashes_whether_the_address_is_free()
    {
        var person = await users.Member();
        var claimed = await users.Registered();

        foreach (var email in new[] { UsersFixture.NewEmail(), person.Email, claimed.Email })
        {
            (await Hashes(() => users.Post("/internal/users/accounts", new RegisterAccount(email, "another-9-password", "Ada")))).ShouldBe(2);
        }
    }

    [Fact]
    public async Task Asking_for_a_mail_costs_none_and_is_looked_up_behind_the_bus()
    {
        var person = await users.Member();

        foreach (var email in new[] { person.Email, UsersFixture.NewEmail() })
        {
            (await Hashes(() => users.Post("/internal/users/password-resets", new RequestPasswordReset(email)))).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_forged_token_costs_no_hash()
        => (await Hashes(() => users.Post("/internal/users/password-resets/complete", new ResetPassword(new string('A', 64), "another-9-password")))).ShouldBe(0);

    async Task<long> Hashes(Func<Task> request)
    {
        var before = users.Hasher.Computed;
        await request();
        return users.Hasher.Computed - before;
    }
}
