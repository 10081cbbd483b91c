namespace EdTech.Users.Tests;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData(" Ada.Byron@School.Example ", "ada.byron@school.example")]
    [InlineData("ada+tag@school.example", "ada+tag@school.example")]
    [InlineData("ada@bücher.example", "ada@xn--bcher-kva.example")]
    public void Addresses_that_are_the_same_read_the_same(string given, string normalised) => EmailAddress.Normalise(given).ShouldBe(normalised);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@school.example")]
    [InlineData("ada@")]
    [InlineData("ada@school")]
    [InlineData("ada@school.example.")]
    [InlineData("ada@-school.example")]
    [InlineData("ada byron@school.example")]
    [InlineData("ada..byron@school.example")]
    [InlineData("ada\r\nBcc: eve@evil.example@school.example")]
    [InlineData("\u0430da@school.example")]
    [InlineData("mi\u212ae@school.example")]
    public void What_could_be_taken_for_another_is_none(string? given) => EmailAddress.Normalise(given).ShouldBeNull();
}
