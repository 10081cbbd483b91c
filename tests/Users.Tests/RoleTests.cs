using Microsoft.IdentityModel.JsonWebTokens;

namespace EdTech.Users.Tests;

public sealed class RoleTests(UsersFixture users)
{
    [Fact]
    public async Task Whoever_wants_to_teach_becomes_a_tutor()
    {
        var person = await users.Member();
        var session = await users.SignedIn(person);

        await users.Worker.Done(new BecomeTutor(new Actor(person.Id, ["learn"])));
        await users.Worker.Done(new BecomeTutor(new Actor(person.Id, ["learn"])));

        (await users.Worker.Event<RoleGranted>(e => e.AccountId == person.Id)).Role.ShouldBe("tutor");
        users.Worker.Events<RoleGranted>().Count(e => e.AccountId == person.Id).ShouldBe(1);
        var token = new JsonWebToken((await users.Refresh(session.RefreshToken)).As<SessionTokens>().AccessToken);
        token.GetPayloadValue<string[]>("permissions").ShouldBe(["courses.author", "courses.publish", "learn", "paths.author"]);
        (await users.Get($"/internal/users/people/{person.Id}")).As<PersonView>().Tutor.ShouldBeTrue();
    }

    [Fact]
    public async Task Roles_are_granted_and_revoked_by_administrators_and_leave_a_trace()
    {
        var admin = await Admin();
        var person = await users.Member();

        await users.Worker.Done(new GrantRole(admin, person.Id, "support"));
        await users.Worker.Done(new RevokeRole(admin, person.Id, "support"));

        await users.Worker.Event<RoleRevoked>(e => e.AccountId == person.Id && e.Role == "support");
        var history = (await users.Get($"/internal/users/accounts/{person.Id}/history", admin.Id, "accounts.read")).As<Page<HistoryEntry>>();
        history.Items.Select(h => h.Action).Take(2).ShouldBe(["role.revoked", "role.granted"]);
        history.Items[0].ActorId.ShouldBe(admin.Id);
        history.Items[0].Details["role"].ShouldBe("support");
    }

    [Fact]
    public async Task What_may_not_be_granted_or_revoked_is_refused()
    {
        var admin = await Admin();
        var person = await users.Member();

        (await users.Worker.Refused(new GrantRole(new Actor(person.Id, ["learn"]), person.Id, "admin"))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await users.Worker.Refused(new GrantRole(admin, person.Id, "emperor"))).Code.ShouldBe("role.not_found");
        (await users.Worker.Refused(new GrantRole(admin, Guid.NewGuid(), "tutor"))).Code.ShouldBe("account.not_found");
        (await users.Worker.Refused(new RevokeRole(admin, person.Id, "student"))).Code.ShouldBe("role.student_stays");
        (await users.Worker.Refused(new RevokeRole(admin, person.Id, "support"))).Code.ShouldBe("role.not_granted");
    }

    [Fact]
    public async Task Administrators_who_revoke_each_other_at_once_leave_one()
    {
        var admin = await Admin();
        var second = await users.Member();
        await users.Worker.Done(new GrantRole(admin, second.Id, "admin"));

        var replies = await Task.WhenAll(
            users.Worker.Ask(new RevokeRole(admin, second.Id, "admin")),
            users.Worker.Ask(new RevokeRole(admin with { Id = second.Id }, admin.Id, "admin")));

        replies.OfType<Refused>().ShouldHaveSingleItem().Code.ShouldBe("role.last_admin");
        var left = await users.Sql<Guid>("SELECT account_id FROM users.role_grant WHERE role = 'admin'");
        (await users.Worker.Refused(new RevokeRole(admin, left, "admin"))).Code.ShouldBe("role.last_admin");
        (await users.Worker.Refused(new SuspendAccount(admin with { Id = Guid.NewGuid() }, left, "coup"))).Code.ShouldBe("role.last_admin");
        await users.Sql<int>("INSERT INTO users.role_grant (account_id, role, granted_at) VALUES (@Id, 'admin', now()) ON CONFLICT DO NOTHING", new { admin.Id });
        await users.Sql<int>("DELETE FROM users.role_grant WHERE account_id = @Id AND role = 'admin'", new { second.Id });
    }

    [Fact]
    public async Task The_first_administrator_is_made_from_the_environment_and_can_sign_in()
    {
        var admin = await Admin();

        var tokens = await users.SignedIn(new(admin.Id, UsersFixture.AdminEmail, UsersFixture.AdminPassword));

        new JsonWebToken(tokens.AccessToken).GetPayloadValue<string[]>("permissions").ShouldContain("roles.grant");
    }

    [Fact]
    public async Task A_suspended_account_is_out_at_once_and_can_come_back()
    {
        var support = new Actor((await users.Member()).Id, ["accounts.read", "accounts.suspend"]);
        var person = await users.Member();
        var session = await users.SignedIn(person);

        await users.Worker.Done(new SuspendAccount(support, person.Id, "spam"));

        await users.Worker.Event<AccountSuspended>(e => e.AccountId == person.Id);
        await users.Worker.Event<SessionRevoked>(e => e.SessionId == session.SessionId);
        (await users.Refresh(session.RefreshToken)).Status.ShouldBe(401);
        (await users.SignIn(person)).Code.ShouldBe("account.suspended");
        (await users.SignIn(person, password: "wrong-wrong-wrong")).Code.ShouldBe("session.wrong_credentials");
        (await users.Get($"/internal/users/people/{person.Id}")).Status.ShouldBe(404);
        (await users.Worker.Refused(new SuspendAccount(support, person.Id, "again"))).Code.ShouldBe("account.suspended_already");

        await users.Worker.Done(new ReinstateAccount(support, person.Id));

        (await users.SignIn(person)).Status.ShouldBe(200);
        (await users.Worker.Refused(new ReinstateAccount(support, person.Id))).Code.ShouldBe("account.not_suspended");
    }

    [Fact]
    public async Task Support_suspends_neither_itself_nor_administrators()
    {
        var support = new Actor((await users.Member()).Id, ["accounts.suspend"]);
        var admin = await Admin();

        (await users.Worker.Refused(new SuspendAccount(support, support.Id, "tired"))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await users.Worker.Refused(new SuspendAccount(support, admin.Id, "coup"))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await users.Worker.Refused(new SuspendAccount(new Actor(Guid.NewGuid(), ["learn"]), support.Id, "no right"))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await users.Worker.Refused(new SuspendAccount(support, Guid.NewGuid(), "who?"))).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task Support_finds_accounts_by_address_and_page_by_page()
    {
        var person = await users.Member();
        var found = (await users.Get($"/internal/users/accounts?email={Uri.EscapeDataString(person.Email.ToUpperInvariant())}", Guid.NewGuid(), "accounts.read")).As<Page<AccountView>>();
        found.Items.ShouldHaveSingleItem().AccountId.ShouldBe(person.Id);
        (await users.Get($"/internal/users/accounts/{person.Id}", Guid.NewGuid(), "accounts.read")).As<AccountView>().Email.ShouldBe(person.Email);

        await users.Member();
        var seen = new HashSet<Guid>();
        string? cursor = null;
        do
        {
            var page = (await users.Get($"/internal/users/accounts?limit=1&cursor={cursor}", Guid.NewGuid(), "accounts.read")).As<Page<AccountView>>();
            page.Items.Count.ShouldBe(1);
            seen.Add(page.Items[0].AccountId).ShouldBeTrue();
            cursor = page.Next;
        }
        while (cursor is not null && seen.Count < 5);

        (await users.Get("/internal/users/accounts?cursor=rubbish", Guid.NewGuid(), "accounts.read")).Code.ShouldBe("cursor.invalid");
        (await users.Get("/internal/users/accounts", Guid.NewGuid(), "learn")).Status.ShouldBe(403);
        (await users.Get($"/internal/users/accounts/{person.Id}/history", Guid.NewGuid(), "learn")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task The_own_history_is_read_page_by_page()
    {
        var person = await users.Member();
        await users.SignedIn(person);

        var first = (await users.Get("/internal/users/me/history?limit=2", person.Id)).As<Page<HistoryEntry>>();
        var second = (await users.Get($"/internal/users/me/history?limit=2&cursor={first.Next}", person.Id)).As<Page<HistoryEntry>>();

        first.Items.Concat(second.Items).Select(h => h.Action).ShouldBe(["session.started", "email.verified", "account.registered"]);
        second.Next.ShouldBeNull();
    }

    async Task<Actor> Admin() => new(await users.Admin(), ["roles.grant", "accounts.suspend", "accounts.read", "keys.rotate"]);
}
