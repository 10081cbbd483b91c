namespace EdTech.Users.Tests;

public sealed class RefreshTests(UsersFixture users)
{
    [Fact]
    public async Task A_refresh_token_is_exchanged_for_another()
    {
        var tokens = await users.SignedIn(await users.Member());

        var next = (await users.Refresh(tokens.RefreshToken)).As<SessionTokens>();

        next.RefreshToken.ShouldNotBe(tokens.RefreshToken);
        next.SessionId.ShouldBe(tokens.SessionId);
        (await users.Refresh(next.RefreshToken)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Clients_that_refresh_at_once_all_go_on_with_the_same_token()
    {
        var tokens = await users.SignedIn(await users.Member());

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => users.Refresh(tokens.RefreshToken)));

        answers.Select(a => a.As<SessionTokens>().RefreshToken).Distinct().Count().ShouldBe(1);
        (await users.Sql<int>("SELECT count(*) FROM users.refresh_token WHERE session_id = @SessionId AND spent_at IS NULL", new { tokens.SessionId })).ShouldBe(1);
    }

    [Fact]
    public async Task An_honest_client_is_never_signed_out_however_its_requests_overlap()
    {
        var random = new Random(20260710);
        var held = (await users.SignedIn(await users.Member())).RefreshToken;
        for (var round = 0; round < 12; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, random.Next(1, 5)).Select(_ => users.Refresh(held)));
            // Some answers are lost; the client holds on to any that it got, or to what it had.
            if (random.Next(4) > 0)
            {
                held = answers[random.Next(answers.Length)].As<SessionTokens>().RefreshToken;
            }
        }

        (await users.Refresh(held)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_spent_token_that_comes_back_later_ends_the_session()
    {
        var person = await users.Member();
        var stolen = await users.SignedIn(person);
        var honest = (await users.Refresh(stolen.RefreshToken)).As<SessionTokens>();
        await PassGrace(stolen);

        var replay = await users.Refresh(stolen.RefreshToken);

        replay.Status.ShouldBe(401);
        replay.Code.ShouldBe("session.invalid");
        (await users.Refresh(honest.RefreshToken)).Status.ShouldBe(401);
        await users.Worker.Event<SessionRevoked>(e => e.SessionId == stolen.SessionId && e.AccountId == person.Id);
        (await users.Sql<string>("SELECT revoked_reason FROM users.session WHERE session_id = @SessionId", new { stolen.SessionId })).ShouldBe("token_reused");
    }

    [Fact]
    public async Task A_thief_who_refreshes_within_the_grace_is_found_out_when_the_owner_goes_on()
    {
        var tokens = await users.SignedIn(await users.Member());
        var owner = (await users.Refresh(tokens.RefreshToken)).As<SessionTokens>();
        var thief = (await users.Refresh(tokens.RefreshToken)).As<SessionTokens>();
        await users.Refresh(thief.RefreshToken);
        await PassGrace(tokens);

        (await users.Refresh(owner.RefreshToken)).Status.ShouldBe(401);

        (await users.Sql<bool>("SELECT revoked_at IS NOT NULL FROM users.session WHERE session_id = @SessionId", new { tokens.SessionId })).ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_that_nobody_uses_ends()
    {
        var tokens = await users.SignedIn(await users.Member());
        await users.Sql<int>("UPDATE users.session SET last_used_at = now() - interval '31 days' WHERE session_id = @SessionId", new { tokens.SessionId });

        (await users.Refresh(tokens.RefreshToken)).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a token")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_token_of_ours_is_refused(string token) => (await users.Refresh(token)).Status.ShouldBe(401);

    Task PassGrace(SessionTokens tokens)
        => users.Sql<int>("UPDATE users.refresh_token SET spent_at = spent_at - interval '21 seconds' WHERE session_id = @SessionId", new { tokens.SessionId });
}
