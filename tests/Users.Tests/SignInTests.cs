using Microsoft.IdentityModel.JsonWebTokens;

namespace EdTech.Users.Tests;

public sealed class SignInTests(UsersFixture users)
{
    [Fact]
    public async Task The_right_password_gives_tokens_that_say_who_it_is()
    {
        var person = await users.Member();

        var tokens = await users.SignedIn(person);

        var jwt = new JsonWebToken(tokens.AccessToken);
        jwt.Alg.ShouldBe("ES256");
        jwt.Subject.ShouldBe(person.Id.ToString());
        jwt.GetPayloadValue<string>("sid").ShouldBe(tokens.SessionId.ToString());
        jwt.GetPayloadValue<string[]>("role").ShouldBe(["student"]);
        jwt.GetPayloadValue<string[]>("permissions").ShouldBe(["learn"]);
        jwt.GetPayloadValue<string[]>("amr").ShouldBe(["pwd"]);
        jwt.GetPayloadValue<bool>("email_verified").ShouldBeTrue();
        jwt.Audiences.ShouldBe(["edtech"]);
        (jwt.ValidTo - jwt.IssuedAt).ShouldBe(TimeSpan.FromMinutes(10));
        jwt.Claims.ShouldNotContain(c => c.Value.Contains('@'));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_read_the_same()
    {
        var person = await users.Member();
        var unverified = await users.Registered();

        var answers = new[]
        {
            await users.SignIn(person, password: "wrong-wrong-wrong"),
            await users.SignIn(unverified, password: "wrong-wrong-wrong"),
            await users.SignIn(person with { Email = UsersFixture.NewEmail() }),
            await users.SignIn(person with { Email = "no address" }),
        };

        answers.Select(a => (a.Status, a.Body)).Distinct().Count().ShouldBe(1);
        answers[0].Status.ShouldBe(401);
        answers[0].Code.ShouldBe("session.wrong_credentials");
    }

    [Fact]
    public async Task An_unverified_account_is_told_so_only_after_the_right_password()
    {
        var person = await users.Registered();

        (await users.SignIn(person, password: "wrong-wrong-wrong")).Code.ShouldBe("session.wrong_credentials");
        var right = await users.SignIn(person);

        right.Status.ShouldBe(403);
        right.Code.ShouldBe("account.email_not_verified");
    }

    [Fact]
    public async Task Guessing_gets_slower_and_the_right_password_does_not_help_while_it_waits()
    {
        var person = await users.Member();
        UsersFixture.Answer last = null!;
        for (var i = 0; i < 5; i++)
        {
            last = await users.SignIn(person, password: $"wrong-wrong-{i}-wrong");
            last.Status.ShouldBe(401);
        }

        await users.ProlongWait(person);
        var throttled = await users.SignIn(person);

        throttled.Status.ShouldBe(429);
        throttled.Code.ShouldBe("sign_in.too_many");
        throttled.RetryAfter!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        await Pass(person, TimeSpan.FromMinutes(15));
        (await users.SignIn(person)).Status.ShouldBe(200);
        (await users.SignIn(person, password: "wrong-wrong-wrong")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task The_delay_doubles_up_to_a_quarter_of_an_hour()
    {
        var person = await users.Member();
        var waits = new List<double>();
        for (var i = 0; i < 18; i++)
        {
            await users.SignIn(person, password: "wrong-wrong-wrong");
            waits.Add(await users.Sql<double>("SELECT GREATEST(0, extract(epoch FROM max(blocked_until - last_at))) FROM users.throttle WHERE key = @key", new { key = users.Secrets.ThrottleKey($"account {person.Email}") }));
            await users.Sql<int>("UPDATE users.throttle SET blocked_until = last_at WHERE key = @key", new { key = users.Secrets.ThrottleKey($"account {person.Email}") });
        }

        waits.Take(4).ShouldAllBe(w => w == 0);
        waits.Skip(4).Take(4).ShouldBe([1, 2, 4, 8]);
        waits.Max().ShouldBe(900);
    }

    [Fact]
    public async Task Guesses_made_at_once_count_one_by_one()
    {
        var person = await users.Member();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => users.SignIn(person, password: $"wrong-wrong-{i}-wrong")));

        // Five, and one more for each second that a slow machine takes.
        answers.Count(a => a.Status == 401).ShouldBeLessThan(9);
        answers.ShouldContain(a => a.Status == 429);
    }

    [Fact]
    public async Task An_address_that_guesses_at_many_accounts_gets_slower_too()
    {
        var address = UsersFixture.NewAddress();
        var person = await users.Member();
        await users.Sql<int>(
            "INSERT INTO users.throttle (key, failures, last_at, blocked_until) VALUES (@key, 38, now(), to_timestamp(0))", new { key = users.Secrets.ThrottleKey($"address {address}") });
        (await users.SignIn(person, address: address)).Status.ShouldBe(200);
        (await users.SignIn(person with { Email = UsersFixture.NewEmail() }, address: address)).Status.ShouldBe(401);

        (await users.SignIn(person, address: address)).Status.ShouldBe(429);
        (await users.SignIn(person)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_password_hashed_with_less_is_hashed_anew()
    {
        var person = await users.Member();
        var weak = await WeakHash(person.Password);
        await users.Sql<int>("UPDATE users.account SET password_hash = @weak WHERE account_id = @Id", new { weak, person.Id });

        await users.SignedIn(person);

        (await users.Sql<string>("SELECT password_hash FROM users.account WHERE account_id = @Id", new { person.Id }))!.ShouldContain("m=19456,t=2");
        await users.SignedIn(person);
    }

    [Fact]
    public async Task A_session_beyond_the_most_ends_the_one_that_rested_longest()
    {
        var person = await users.Member();
        var first = await users.SignedIn(person);
        await users.Sql<int>(
            """
            INSERT INTO users.session (session_id, account_id, device, network, methods, created_at, last_used_at, expires_at)
            SELECT gen_random_uuid(), @Id, 'x', 'x', '{pwd}', now(), now() + interval '1 second', now() + interval '1 day'
            FROM generate_series(1, 49)
            """,
            new { person.Id });

        await users.SignedIn(person);

        await users.Worker.Event<SessionRevoked>(e => e.SessionId == first.SessionId);
        (await users.Get("/internal/users/me/sessions", person.Id)).As<Page<SessionView>>().Items.Count.ShouldBe(50);
    }

    static Task<string> WeakHash(string password)
    {
        var salt = new byte[16];
        var algorithm = NSec.Cryptography.PasswordBasedKeyDerivationAlgorithm.Argon2id(new NSec.Cryptography.Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 8192, NumberOfPasses = 1 });
        var hash = algorithm.DeriveBytes(System.Text.Encoding.UTF8.GetBytes(password), salt, 32);
        return Task.FromResult($"$argon2id$v=19$m=8192,t=1,p=1${Convert.ToBase64String(salt).TrimEnd('=')}${Convert.ToBase64String(hash).TrimEnd('=')}");
    }

    Task Pass(UsersFixture.Person person, TimeSpan time)
        => users.Sql<int>("UPDATE users.throttle SET blocked_until = blocked_until - @time, last_at = last_at - @time WHERE key = @key", new { time, key = users.Secrets.ThrottleKey($"account {person.Email}") });
}
