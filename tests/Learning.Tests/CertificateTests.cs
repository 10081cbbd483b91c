using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using NSec.Cryptography;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class CertificateTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task A_stranger_verifies_a_certificate_with_nothing_but_what_is_published()
    {
        var graduate = await learning.Graduate();
        var credential = await Credential(await learning.Certificate(graduate));
        var issuer = await Issuer();

        using var signed = JsonDocument.Parse(credential);
        DataIntegrity.Flaw(signed.RootElement, method => PublishedKey(issuer, method)).ShouldBeNull();
        var badge = JsonNode.Parse(credential)!;
        badge["type"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["VerifiableCredential", "OpenBadgeCredential"]);
        badge["issuer"]!["id"]!.GetValue<string>().ShouldBe(issuer["id"]!.GetValue<string>());
        badge["credentialSubject"]!["achievement"]!["achievementType"]!.GetValue<string>().ShouldBe("Course");
        credential.ShouldNotContain(graduate.Student.Id.ToString());
    }

    [Fact]
    public async Task The_address_of_a_certificate_says_that_it_is_valid_and_whose_it_is_to_who_knows_the_account()
    {
        var graduate = await learning.Graduate();
        var certificate = await learning.Certificate(graduate);

        var plain = await Verify(certificate);
        var own = await Verify(certificate, graduate.Student.Id);
        var other = await Verify(certificate, Guid.CreateVersion7());

        (plain.Valid, plain.Code, plain.RecipientMatches).ShouldBe((true, "valid", null));
        plain.CourseId.ShouldBe(graduate.Course.Id);
        plain.TutorId.ShouldBe(graduate.Course.Tutor.Id);
        own.RecipientMatches.ShouldBe(true);
        other.RecipientMatches.ShouldBe(false);
    }

    [Fact]
    public async Task A_handed_in_credential_is_valid_as_it_was_issued_and_also_reformatted()
    {
        var credential = await Credential(await learning.Certificate(await learning.Graduate()));

        (await Check(credential)).Code.ShouldBe("valid");
        (await Check(JsonNode.Parse(credential)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true }))).Code.ShouldBe("valid");
    }

    [Fact]
    public async Task A_tampered_credential_is_found_out()
    {
        var credential = JsonNode.Parse(await Credential(await learning.Certificate(await learning.Graduate())))!;
        credential["credentialSubject"]!["achievement"]!["name"] = "Brain surgery";

        var check = await Check(credential.ToJsonString());

        (check.Valid, check.Code, check.CertificateId).ShouldBe((false, "tampered", null));
    }

    [Theory]
    [InlineData("", "malformed")]
    [InlineData("[]", "malformed")]
    [InlineData("{\"a\":1,\"a\":2}", "malformed")]
    [InlineData("{\"issuer\":\"https://elsewhere.example\"}", "foreign")]
    [InlineData("{\"issuer\":{\"id\":5}}", "foreign")]
    [InlineData("{}", "foreign")]
    public async Task What_is_no_credential_of_ours_is_said_to_be_so(string json, string code)
        => (await Check(json)).Code.ShouldBe(code);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"z\"")]
    [InlineData("{\"type\":\"DataIntegrityProof\",\"cryptosuite\":\"eddsa-jcs-2022\",\"proofPurpose\":\"assertionMethod\",\"proofValue\":\"z1\"}")]
    [InlineData("{\"type\":1,\"cryptosuite\":{}}")]
    public async Task A_broken_proof_is_a_refusal_and_no_failure(string proof)
    {
        var credential = JsonNode.Parse(await Credential(await learning.Certificate(await learning.Graduate())))!;
        credential["proof"] = JsonNode.Parse(proof);

        (await Check(credential.ToJsonString())).Code.ShouldBe("tampered");
    }

    [Fact]
    public async Task A_credential_beyond_100_kB_is_too_large()
    {
        using var response = await Post(new string(' ', 100_001));

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_moderator_revokes_a_certificate_and_everybody_sees_it()
    {
        var graduate = await learning.Graduate();
        var certificate = await learning.Certificate(graduate);
        var credential = await Credential(certificate);
        (await IsRevokedInStatusList(credential)).ShouldBeFalse();

        await _worker.Done(new RevokeCertificate(LearningFixture.Moderator(), certificate, "Issued by mistake."));
        await _worker.Done(new RevokeCertificate(LearningFixture.Moderator(), certificate, "Another reason."));

        var verification = await Verify(certificate);
        (verification.Valid, verification.Code, verification.RevocationReason).ShouldBe((false, "revoked", "Issued by mistake."));
        (await Check(credential)).Code.ShouldBe("revoked");
        (await IsRevokedInStatusList(credential)).ShouldBeTrue();
        (await Page(certificate)).ShouldContain("<strong>Revoked.</strong>");
        await _worker.Event<CertificateRevoked>(e => e.CertificateId == certificate);
    }

    [Fact]
    public async Task Only_a_moderator_revokes()
    {
        var graduate = await learning.Graduate();
        var certificate = await learning.Certificate(graduate);

        (await _worker.Refused(new RevokeCertificate(graduate.Course.Tutor, certificate, "No."))).Kind.ShouldBe(RefusalKind.Forbidden);
        (await _worker.Refused(new RevokeCertificate(LearningFixture.Moderator(), Guid.CreateVersion7(), "No."))).Kind.ShouldBe(RefusalKind.NotFound);
        (await Verify(certificate)).Valid.ShouldBeTrue();
    }

    [Fact]
    public async Task The_page_for_people_escapes_what_authors_wrote()
    {
        var course = await learning.PublishedCourse(LearningFixture.Details("Tags <script>alert(1)</script> & more"), null, LearningFixture.Article());
        var certificate = await learning.Certificate(await learning.Graduate(course));

        var page = await Page(certificate);

        page.ShouldContain("<strong>Valid.</strong>");
        page.ShouldNotContain("<script");
        page.ShouldContain("lang=\"en\"");
    }

    [Fact]
    public async Task Learners_list_their_own_certificates()
    {
        var graduate = await learning.Graduate();
        var certificate = await learning.Certificate(graduate);

        var mine = await learning.Get<Page<CertificateView>>(graduate.Student, "/internal/learning/me/certificates");
        var others = await learning.Get<Page<CertificateView>>(LearningFixture.Student(), "/internal/learning/me/certificates");

        mine.Items.Single().CertificateId.ShouldBe(certificate);
        mine.Items[0].Url.ShouldEndWith($"/v1/certificates/{certificate}");
        others.Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_never_issued_is_unknown()
    {
        var unknown = Guid.CreateVersion7();

        (await learning.GetRefused(null, $"/internal/learning/certificates/{unknown}")).Kind.ShouldBe(RefusalKind.NotFound);
        (await learning.GetRefused(null, $"/internal/learning/certificates/{unknown}/verify")).Kind.ShouldBe(RefusalKind.NotFound);
        (await learning.GetRefused(null, $"/internal/learning/certificates/{unknown}/page")).Kind.ShouldBe(RefusalKind.NotFound);
        (await learning.GetRefused(null, "/internal/learning/issuer/status/7")).Kind.ShouldBe(RefusalKind.NotFound);
    }

    [Fact]
    public async Task The_private_key_does_not_lie_open_in_the_database()
    {
        await Issuer();

        (await learning.Scalar<int>("SELECT count(*) FROM learning.issuer_key WHERE retired_at IS NULL", new { })).ShouldBe(1);
        (await learning.Scalar<int>("SELECT octet_length(sealed_private_key) FROM learning.issuer_key", new { })).ShouldBe(12 + 16 + 32);
    }

    async Task<bool> IsRevokedInStatusList(string credential)
    {
        var status = JsonNode.Parse(credential)!["credentialStatus"]!;
        var url = new Uri(status["statusListCredential"]!.GetValue<string>());
        var text = await Text($"/internal/learning/{url.AbsolutePath["/v1/".Length..]}");
        var issuer = await Issuer();
        using var list = JsonDocument.Parse(text);
        DataIntegrity.Flaw(list.RootElement, method => PublishedKey(issuer, method)).ShouldBeNull();

        var encoded = list.RootElement.GetProperty("credentialSubject").GetProperty("encodedList").GetString()!;
        using var unzipped = new MemoryStream();
        await using (var zip = new GZipStream(new MemoryStream(System.Buffers.Text.Base64Url.DecodeFromChars(encoded.AsSpan(1))), CompressionMode.Decompress))
            await zip.CopyToAsync(unzipped);
        var index = int.Parse(status["statusListIndex"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        return (unzipped.ToArray()[index / 8] & (0x80 >> (index % 8))) != 0;
    }

    static PublicKey? PublishedKey(JsonNode issuer, string method)
        => issuer["verificationMethod"]!.AsArray().SingleOrDefault(m => m!["id"]!.GetValue<string>() == method) is { } found
            ? DataIntegrity.FromMultikey(found["publicKeyMultibase"]!.GetValue<string>())
            : null;

    Task<string> Credential(Guid certificate) => Text($"/internal/learning/certificates/{certificate}");

    async Task<JsonNode> Issuer() => JsonNode.Parse(await Text("/internal/learning/issuer"))!;

    Task<string> Page(Guid certificate) => Text($"/internal/learning/certificates/{certificate}/page");

    Task<CertificateVerification> Verify(Guid certificate, Guid? recipient = null)
        => learning.Get<CertificateVerification>(null, $"/internal/learning/certificates/{certificate}/verify{(recipient is null ? "" : $"?recipient={recipient}")}");

    async Task<string> Text(string path)
    {
        using var response = await _worker.Api().GetAsync(new Uri(path, UriKind.Relative));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync();
    }

    async Task<CredentialCheck> Check(string json)
    {
        using var response = await Post(json);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return JsonSerializer.Deserialize<CredentialCheck>(await response.Content.ReadAsStringAsync(), LearningJson.Web.Options)!;
    }

    async Task<HttpResponseMessage> Post(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await _worker.Api().PostAsync(new Uri("/internal/learning/certificates/verify", UriKind.Relative), content);
    }
}
