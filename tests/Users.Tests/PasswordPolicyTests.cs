namespace EdTech.Users.Tests;

public sealed class PasswordPolicyTests
{
    [Theory]
    [InlineData("short-1", "password.too_short")]
    [InlineData("aaaaaaaaaaaa", "password.repetitive")]
    [InlineData("abcabcabcabc", "password.repetitive")]
    [InlineData("abcdefghijklm", "password.sequence")]
    [InlineData("98765432109", "password.sequence")]
    [InlineData("qwertyuiop12", "password.sequence")]
    [InlineData("1qaz2wsx3edc", "password.sequence")]
    [InlineData("P@ssw0rd2024!", "password.too_common")]
    [InlineData("iloveyou12345", "password.too_common")]
    [InlineData("Welcome2024!!", "password.too_common")]
    [InlineData("correcthorsebatterystaple", "password.too_common")]
    [InlineData("lovelace1815", "password.expected")]
    [InlineData("ada.byron@school", "password.expected")]
    [InlineData("edtech-2026", "password.expected")]
    public void Trivial_passwords_are_refused(string password, string code)
        => PasswordPolicy.Fault(password, "ada.byron@school.example", "Ada Lovelace")?.Code.ShouldBe(code);

    [Theory]
    [InlineData("violet harbour canoe")]
    [InlineData("nosignsnodigitsnocapitals")]
    [InlineData("日本語のパスワードです。")]
    [InlineData("Lovelace wrote the first program")]
    public void No_composition_is_asked_for(string password) => PasswordPolicy.Fault(password, "ada.byron@school.example", "Ada Lovelace").ShouldBeNull();

    [Fact]
    public void The_longest_password_is_bounded() => PasswordPolicy.Fault(string.Concat(Enumerable.Range(0, 129).Select(i => (char)(0x4e00 + i))), null, null)?.Code.ShouldBe("password.too_long");
}
