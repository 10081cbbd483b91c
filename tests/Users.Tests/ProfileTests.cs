namespace EdTech.Users.Tests;

public sealed class ProfileTests(UsersFixture users)
{
    static readonly ProfileDetails Profile = new(
        "Ada", "Writes programs.", "https://pictures.example/ada.png", "pt-PT", "Europe/Lisbon", new AccessibilityPreferences(Captions: true, TextScalePercent: 150), new ProfileVisibility(Bio: Visibility.Everybody));

    [Fact]
    public async Task A_profile_is_replaced_as_a_whole()
    {
        var person = await users.Member();

        var done = await users.Worker.Done(new UpdateProfile(new Actor(person.Id, []), Profile, ExpectedVersion: 1));

        done.Version.ShouldBe(2);
        var me = (await users.Get("/internal/users/me", person.Id)).As<MeView>();
        me.Profile.ShouldBe(Profile);
        me.Version.ShouldBe(2);
        (await users.Worker.Event<ProfileUpdated>(e => e.AccountId == person.Id)).Version.ShouldBe(2);
    }

    [Fact]
    public async Task Of_two_who_change_the_same_version_at_once_one_is_told()
    {
        var person = await users.Member();
        var by = new Actor(person.Id, []);

        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => users.Worker.Ask(new UpdateProfile(by, Profile with { DisplayName = $"Ada {i}" }, ExpectedVersion: 1))));

        replies.Count(r => r is Done).ShouldBe(1);
        replies.OfType<Refused>().ShouldAllBe(r => r.Kind == RefusalKind.Stale && r.Code == "profile.changed_meanwhile");
    }

    [Fact]
    public async Task Values_that_mean_nothing_are_refused_by_field()
    {
        var by = new Actor((await users.Member()).Id, []);

        await Refused(Profile with { TimeZone = "Europe/Atlantis" }, "timeZone");
        await Refused(Profile with { TimeZone = "Pacific Standard Time" }, "timeZone");
        await Refused(Profile with { Locale = "not a locale" }, "locale");
        await Refused(Profile with { AvatarUrl = "http://pictures.example/ada.png" }, "avatarUrl");
        await Refused(Profile with { AvatarUrl = "https://user:secret@pictures.example/" }, "avatarUrl");
        await Refused(Profile with { DisplayName = " " }, "displayName");
        await Refused(Profile with { DisplayName = "Ada\nYour account is locked" }, "displayName");
        await Refused(Profile with { DisplayName = "Ada\u202egnp.exe" }, "displayName");
        await Refused(Profile with { Accessibility = new(TextScalePercent: 1000) }, "accessibility.textScalePercent");

        async Task Refused(ProfileDetails profile, string field)
            => (await users.Worker.Refused(new UpdateProfile(by, profile, null))).Details!.Keys.ShouldBe([field]);
    }

    [Fact]
    public async Task Others_see_what_the_person_shows_them()
    {
        var person = await users.Member();
        var stranger = await users.Member();
        await users.Worker.Done(new UpdateProfile(new Actor(person.Id, []), Profile, null));

        var anonymous = (await users.Get($"/internal/users/people/{person.Id}")).As<PersonView>();
        var member = (await users.Get($"/internal/users/people/{person.Id}", stranger.Id)).As<PersonView>();
        var self = (await users.Get($"/internal/users/people/{person.Id}", person.Id)).As<PersonView>();

        anonymous.ShouldBe(new PersonView(person.Id, "Ada", "Writes programs.", null, null, null, false));
        member.AvatarUrl.ShouldBe(Profile.AvatarUrl);
        member.TimeZone.ShouldBeNull();
        self.TimeZone.ShouldBe("Europe/Lisbon");
    }

    [Fact]
    public async Task Nobody_is_public_before_the_address_is_verified()
    {
        var person = await users.Registered();

        (await users.Get($"/internal/users/people/{person.Id}")).Status.ShouldBe(404);
        (await users.Get($"/internal/users/people/{Guid.NewGuid()}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_person_can_take_everything_along_but_secrets()
    {
        var person = await users.Member();
        await users.SignedIn(person);

        var answer = await users.Get("/internal/users/me/export", person.Id);

        var export = answer.As<PersonalDataExport>();
        export.Account.Email.ShouldBe(person.Email);
        export.Sessions.Count.ShouldBe(1);
        export.History.Select(h => h.Action).ShouldBe(["session.started", "email.verified", "account.registered"]);
        answer.Body.ShouldNotContain("argon2");
    }
}
