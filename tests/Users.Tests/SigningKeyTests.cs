using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdTech.Users.Tests;

public sealed class SigningKeyTests(UsersFixture users)
{
    [Fact]
    public async Task Tokens_verify_by_the_published_keys_before_during_and_after_a_rotation()
    {
        var person = await users.Member();
        var before = await users.SignedIn(person);
        var old = Kid(before);
        (await Verifies(before)).ShouldBeTrue();

        await users.Worker.Done(new RotateSigningKeys(new Actor(await users.Admin(), ["keys.rotate"])));

        // Published, and not signing yet.
        var next = (await KeySet()).Keys.Single(k => k.Kid != old).Kid;
        Kid(await users.SignedIn(person)).ShouldBe(old);
        (await users.Worker.Refused(new RotateSigningKeys(new Actor(await users.Admin(), ["keys.rotate"])))).Code.ShouldBe("keys.rotation_under_way");

        // The time has come: the new key signs, the old one still verifies.
        await Age(next, TimeSpan.FromMinutes(15));
        using var another = NewRing();
        (await another.Signing(CancellationToken.None)).KeyId.ShouldBe(next);
        (await KeySet()).Keys.Select(k => k.Kid).ShouldBe([next, old]);
        (await Verifies(before)).ShouldBeTrue();

        // The old key's last token is dead: it is neither published nor kept.
        await Age(next, TimeSpan.FromMinutes(16));
        (await KeySet()).Keys.Select(k => k.Kid).ShouldBe([next]);
        await users.Housekeeping.Sweep(CancellationToken.None);
        (await users.Sql<int>("SELECT count(*) FROM users.signing_key")).ShouldBe(1);

        // A key that has signed for long enough is followed by another without anybody asking.
        await Age(next, TimeSpan.FromDays(91));
        await users.Housekeeping.Sweep(CancellationToken.None);
        (await KeySet()).Keys.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Only_administrators_rotate_keys()
        => (await users.Worker.Refused(new RotateSigningKeys(new Actor((await users.Member()).Id, ["learn"])))).Kind.ShouldBe(RefusalKind.Forbidden);

    [Fact]
    public async Task The_key_set_holds_no_private_part()
    {
        var body = (await users.Get("/internal/users/jwks")).Body;

        body.ShouldContain("\"crv\":\"P-256\"");
        body.ShouldNotContain("\"d\"");
    }

    SigningKeys NewRing() => new(users.Worker.Db, users.Secrets, TimeProvider.System);

    Task Age(string keyId, TimeSpan by) => users.Sql<int>("UPDATE users.signing_key SET activates_at = activates_at - @by, created_at = created_at - @by", new { keyId, by });

    async Task<KeySet> KeySet() => (await users.Get("/internal/users/jwks")).As<KeySet>();

    static string Kid(SessionTokens tokens) => new JsonWebToken(tokens.AccessToken).Kid;

    async Task<bool> Verifies(SessionTokens tokens)
    {
        var keys = new JsonWebKeySet((await users.Get("/internal/users/jwks")).Body).GetSigningKeys();
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(tokens.AccessToken, new TokenValidationParameters
        {
            ValidIssuer = "http://127.0.0.1:1",
            ValidAudience = "edtech",
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = ["ES256"],
        });
        return result.IsValid;
    }
}
