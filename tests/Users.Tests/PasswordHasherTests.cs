namespace EdTech.Users.Tests;

public sealed class PasswordHasherTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hash_says_how_it_was_made_and_compares()
    {
        using var hasher = new PasswordHasher();

        var hash = await hasher.Hash(UsersFixture.Password, Ct);

        hash.ShouldStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
        (await hasher.Verify(UsersFixture.Password, hash, Ct)).ShouldBeTrue();
        (await hasher.Verify("violet-harbour-27-canoF", hash, Ct)).ShouldBeFalse();
        PasswordHasher.IsOutdated(hash).ShouldBeFalse();
        PasswordHasher.IsOutdated(hash.Replace("m=19456", "m=8192", StringComparison.Ordinal)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_same_password_typed_on_another_keyboard_is_the_same()
    {
        using var hasher = new PasswordHasher();

        var hash = await hasher.Hash("caf\u00e9 au lait 1890", Ct);

        (await hasher.Verify("cafe\u0301 au lait 1890", hash, Ct)).ShouldBeTrue();
    }

    [Fact]
    public async Task Nobodys_password_is_never_right_and_costs_as_much()
    {
        using var hasher = new PasswordHasher();

        (await hasher.Verify(UsersFixture.Password, stored: null, Ct)).ShouldBeFalse();

        hasher.Computed.ShouldBe(1);
    }
}
