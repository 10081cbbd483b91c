namespace EdTech.Users.Tests;

public sealed class SessionTests(UsersFixture users)
{
    [Fact]
    public async Task A_person_sees_the_own_sessions_and_nobody_elses()
    {
        var person = await users.Member();
        var tokens = await users.SignedIn(person);
        var stranger = await users.Member();

        var session = (await users.Get("/internal/users/me/sessions", person.Id)).As<Page<SessionView>>().Items.ShouldHaveSingleItem();

        session.SessionId.ShouldBe(tokens.SessionId);
        session.Device.ShouldBe("Test browser 1.0");
        session.Network.ShouldEndWith(".0/24");
        session.Methods.ShouldBe(["pwd"]);
        (await users.Get("/internal/users/me/sessions", stranger.Id)).As<Page<SessionView>>().Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_says_so()
    {
        var person = await users.Member();
        var tokens = await users.SignedIn(person);

        await users.Worker.Done(new RevokeSession(new Actor(person.Id, []), tokens.SessionId));

        (await users.Worker.Event<SessionRevoked>(e => e.SessionId == tokens.SessionId)).AccountId.ShouldBe(person.Id);
        (await users.Refresh(tokens.RefreshToken)).Status.ShouldBe(401);
        (await users.Get("/internal/users/me/sessions", person.Id)).As<Page<SessionView>>().Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_signs_somebody_else_out()
    {
        var tokens = await users.SignedIn(await users.Member());
        var stranger = await users.Member();

        var refused = await users.Worker.Refused(new RevokeSession(new Actor(stranger.Id, []), tokens.SessionId));

        refused.Kind.ShouldBe(RefusalKind.NotFound);
        (await users.Refresh(tokens.RefreshToken)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Signing_out_elsewhere_keeps_the_session_at_hand()
    {
        var person = await users.Member();
        var here = await users.SignedIn(person);
        var there = await users.SignedIn(person);

        await users.Worker.Done(new RevokeOtherSessions(new Actor(person.Id, []), here.SessionId));

        (await users.Refresh(there.RefreshToken)).Status.ShouldBe(401);
        (await users.Refresh(here.RefreshToken)).Status.ShouldBe(200);
        await users.Worker.Event<SessionRevoked>(e => e.SessionId == there.SessionId);
    }
}
