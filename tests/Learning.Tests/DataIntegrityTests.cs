using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using NSec.Cryptography;
using Shouldly;

namespace EdTech.Learning.Tests;

/// <summary>The test vector of the W3C recommendation "Data Integrity EdDSA Cryptosuites v1.0", section eddsa-jcs-2022.</summary>
public sealed class DataIntegrityTests
{
    const string Multikey = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
    const string Secret = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq";
    const string Method = $"did:key:{Multikey}#{Multikey}";
    const string ProofValue = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX";
    const string Hashes = "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19";

    [Fact]
    public void Signing_the_published_credential_gives_the_published_proof()
    {
        using var key = PublishedKey();

        var signed = DataIntegrity.Sign(Unsigned(), key, Method, new DateTimeOffset(2023, 2, 24, 23, 36, 38, TimeSpan.Zero));

        signed["proof"]!["proofValue"]!.GetValue<string>().ShouldBe(ProofValue);
        signed["proof"]!["created"]!.GetValue<string>().ShouldBe("2023-02-24T23:36:38Z");
    }

    [Fact]
    public void The_hashes_that_are_signed_are_the_published_ones()
    {
        var options = Signed()["proof"]!.AsObject();
        options.Remove("proofValue");

        Convert.ToHexStringLower(DataIntegrity.HashData(Element(Unsigned()), Element(options))).ShouldBe(Hashes);
    }

    [Fact]
    public void The_published_proof_holds() => DataIntegrity.Flaw(Element(Signed()), Trusted).ShouldBeNull();

    [Fact]
    public void A_key_of_somebody_else_does_not_count() => DataIntegrity.Flaw(Element(Signed()), _ => null).ShouldNotBeNull();

    [Theory]
    [InlineData("name", "Alumni credential")]
    [InlineData("id", "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc34")]
    [InlineData("addition", "")]
    public void A_changed_credential_does_not_hold(string property, string value)
    {
        var signed = Signed();
        signed[property] = value;

        DataIntegrity.Flaw(Element(signed), Trusted).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("created", "2024-02-24T23:36:38Z")]
    [InlineData("cryptosuite", "eddsa-rdfc-2022")]
    [InlineData("proofPurpose", "authentication")]
    [InlineData("type", "Ed25519Signature2020")]
    [InlineData("proofValue", "z")]
    [InlineData("proofValue", "mnotbase58")]
    [InlineData("expires", "2099-01-01T00:00:00Z")]
    public void A_changed_proof_does_not_hold(string property, string value)
    {
        var signed = Signed();
        signed["proof"]![property] = value;

        DataIntegrity.Flaw(Element(signed), Trusted).ShouldNotBeNull();
    }

    [Fact]
    public void A_context_that_was_put_in_front_does_not_hold()
    {
        var signed = Signed();
        signed["@context"]!.AsArray().Insert(0, "https://example.org/other");

        DataIntegrity.Flaw(Element(signed), Trusted).ShouldNotBeNull();
    }

    [Fact]
    public void Whatever_order_and_white_space_it_travels_in_it_still_holds()
    {
        var shuffled = new JsonObject(Signed().Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        using var parsed = JsonDocument.Parse(shuffled.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

        DataIntegrity.Flaw(parsed.RootElement, Trusted).ShouldBeNull();
    }

    [Fact]
    public void Bytes_survive_base_58_and_back()
        => Gen.Byte.Array[1, 80].Sample(bytes => Base58.FromMultibase(Base58.Multibase(bytes))!.SequenceEqual(bytes));

    [Theory]
    [InlineData("48656c6c6f20576f726c6421", "z2NEpo7TZRRrLZSi2U")]
    [InlineData("0000287fb4cd", "z11233QC4")]
    public void Base_58_is_written_as_its_draft_writes_it(string hex, string multibase)
        => Base58.Multibase(Convert.FromHexString(hex)).ShouldBe(multibase);

    static PublicKey? Trusted(string method) => method is Method ? DataIntegrity.FromMultikey(Multikey) : null;

    static Key PublishedKey()
        => Key.Import(SignatureAlgorithm.Ed25519, Base58.FromMultibase(Secret)!.AsSpan(2), KeyBlobFormat.RawPrivateKey);

    static JsonElement Element(JsonObject node) => JsonSerializer.SerializeToElement(node);

    static JsonObject Unsigned() => JsonNode.Parse(
        """
        {
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
            "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
            "type": ["VerifiableCredential", "AlumniCredential"],
            "name": "Alumni Credential",
            "description": "A minimum viable example of an Alumni Credential.",
            "issuer": "https://vc.example/issuers/5678",
            "validFrom": "2023-01-01T00:00:00Z",
            "credentialSubject": { "id": "did:example:abcdefgh", "alumniOf": "The School of Examples" }
        }
        """)!.AsObject();

    static JsonObject Signed()
    {
        var signed = Unsigned();
        signed["proof"] = JsonNode.Parse(
            $$"""
            {
                "type": "DataIntegrityProof",
                "cryptosuite": "eddsa-jcs-2022",
                "created": "2023-02-24T23:36:38Z",
                "verificationMethod": "{{Method}}",
                "proofPurpose": "assertionMethod",
                "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
                "proofValue": "{{ProofValue}}"
            }
            """);
        return signed;
    }
}
