namespace EdTech.Users.Tests;

public sealed class HousekeepingTests(UsersFixture users)
{
    [Fact]
    public async Task What_has_expired_goes_and_the_rest_stays()
    {
        var person = await users.Member();
        var ended = await users.SignedIn(person);
        var live = await users.SignedIn(person);
        await users.Sql<int>("UPDATE users.session SET expires_at = now() - interval '31 days' WHERE session_id = @SessionId", new { ended.SessionId });
        await users.Sql<int>("UPDATE users.account_mail SET expires_at = now() - interval '8 days' WHERE account_id = @Id", new { person.Id });

        await users.Housekeeping.Sweep(CancellationToken.None);

        (await users.Sql<int>("SELECT count(*) FROM users.session WHERE account_id = @Id", new { person.Id })).ShouldBe(1);
        (await users.Sql<int>("SELECT count(*) FROM users.refresh_token WHERE session_id = @SessionId", new { ended.SessionId })).ShouldBe(0);
        (await users.Sql<int>("SELECT count(*) FROM users.account_mail WHERE account_id = @Id", new { person.Id })).ShouldBe(0);
        (await users.Refresh(live.RefreshToken)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_registration_that_nobody_verifies_gives_the_address_back()
    {
        var claimed = await users.Registered();
        await users.Sql<int>("UPDATE users.account SET created_at = now() - interval '8 days' WHERE account_id = @Id", new { claimed.Id });

        await users.Housekeeping.Sweep(CancellationToken.None);

        (await users.Status(claimed.Id)).ShouldBe("voided");
        (await users.Member(claimed.Email)).Id.ShouldNotBe(claimed.Id);
    }
}
