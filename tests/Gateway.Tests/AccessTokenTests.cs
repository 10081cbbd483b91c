using System.Net;
using System.Text;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Shouldly;

namespace EdTech.Gateway.Tests;

public sealed class AccessTokenTests(GatewayFixture fixture)
{
    [Fact]
    public async Task A_token_of_a_revoked_session_is_refused_at_once_and_others_are_not()
    {
        var first = await fixture.SignUp();
        var second = await fixture.SignIn(first.Email);
        (await Ask(first.Token)).ShouldBe(HttpStatusCode.OK);

        await fixture.Service<IMessageSession>().Publish(new SessionRevoked(first.SessionId, first.AccountId, DateTimeOffset.UtcNow));

        await WorkerUnderTest.Until(async () => await Ask(first.Token) == HttpStatusCode.Unauthorized, "the revoked session's token is refused");
        (await Ask(second.Token)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_gateway_that_starts_later_knows_what_was_revoked_before()
    {
        var person = await fixture.SignUp();
        await fixture.Service<IMessageSession>().Publish(new SessionRevoked(person.SessionId, person.AccountId, DateTimeOffset.UtcNow));
        await WorkerUnderTest.Until(async () => await Ask(person.Token) == HttpStatusCode.Unauthorized, "the revoked session's token is refused");

        using var later = await fixture.AnotherGateway(("EDTECH_REDIS_PREFIX", fixture.Setting("EDTECH_REDIS_PREFIX")));

        (await Ask(person.Token, later)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Tokens_of_a_suspended_account_are_refused()
    {
        var person = await fixture.SignUp();
        (await Ask(person.Token)).ShouldBe(HttpStatusCode.OK);

        await fixture.Service<IMessageSession>().Publish(new AccountSuspended(person.AccountId, DateTimeOffset.UtcNow.AddSeconds(1)));

        await WorkerUnderTest.Until(async () => await Ask(person.Token) == HttpStatusCode.Unauthorized, "the suspended account's token is refused");
    }

    [Fact]
    public async Task Tokens_that_nobody_of_us_signed_are_refused()
    {
        var person = await fixture.SignUp();
        var genuine = new JsonWebToken(person.Token);
        using var stranger = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var forged = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = genuine.Issuer,
            Audience = "edtech",
            Expires = DateTime.UtcNow.AddMinutes(5),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = person.AccountId.ToString(), ["sid"] = person.SessionId.ToString(), ["permissions"] = "roles.grant" },
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(stranger) { KeyId = genuine.Kid }, SecurityAlgorithms.EcdsaSha256),
        });
        var unsigned = $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{person.Token.Split('.')[1]}.";
        var symmetric = $"{Base64UrlEncoder.Encode($$"""{"alg":"HS256","kid":"{{genuine.Kid}}"}""")}.{person.Token.Split('.')[1]}.{Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes("x"))}";
        var payload = person.Token.Split('.');
        var tampered = $"{payload[0]}.{payload[1][..^2]}AA.{payload[2]}";

        foreach (var token in new[] { forged, unsigned, symmetric, tampered, "abc", "a.b.c", new string('a', 5_000), "" })
            (await Ask(token)).ShouldBe(HttpStatusCode.Unauthorized, token.Length > 80 ? token[..80] : token);
    }

    /// <summary>Asks for what any signed-in person may have.</summary>
    async Task<HttpStatusCode> Ask(string token, HttpClient? gateway = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/me", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var response = await (gateway ?? fixture.Http).SendAsync(request);
        return response.StatusCode;
    }
}
