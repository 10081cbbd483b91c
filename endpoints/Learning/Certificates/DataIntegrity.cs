using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using NSec.Cryptography;

namespace EdTech.Learning;

/// <summary>
/// W3C Data Integrity proofs of the cryptosuite <c>eddsa-jcs-2022</c>: Ed25519 over the hashes of the canonical proof options and of the
/// canonical document.
/// </summary>
static class DataIntegrity
{
    const string Suite = "eddsa-jcs-2022";

    /// <summary>Bytes that say "an Ed25519 public key" in front of one (multicodec).</summary>
    static readonly byte[] Ed25519Public = [0xED, 0x01];

    /// <summary>Adds the proof to the document.</summary>
    public static JsonObject Sign(JsonObject document, Key key, string verificationMethod, DateTimeOffset created)
    {
        var proof = new JsonObject
        {
            ["type"] = "DataIntegrityProof",
            ["cryptosuite"] = Suite,
            ["created"] = Timestamp(created),
            ["verificationMethod"] = verificationMethod,
            ["proofPurpose"] = "assertionMethod",
            ["@context"] = document["@context"]?.DeepClone(),
        };
        var signature = SignatureAlgorithm.Ed25519.Sign(key, HashData(Element(document), Element(proof)));
        proof["proofValue"] = Base58.Multibase(signature);

        var signed = document.DeepClone().AsObject();
        signed["proof"] = proof;
        return signed;
    }

    /// <summary>What is wrong with the document's proof; null when it holds.</summary>
    /// <param name="signed">The document with its proof.</param>
    /// <param name="keyOf">The key of a verification method that the caller trusts for this issuer; null when it does not.</param>
    public static string? Flaw(JsonElement signed, Func<string, PublicKey?> keyOf)
    {
        if (signed.ValueKind != JsonValueKind.Object || !signed.TryGetProperty("proof", out var proof) || proof.ValueKind != JsonValueKind.Object)
            return "It carries no single proof object.";
        if (Text(proof, "type") is not "DataIntegrityProof" || Text(proof, "cryptosuite") is not Suite)
            return $"Its proof is not a DataIntegrityProof of the cryptosuite {Suite}.";
        if (Text(proof, "proofPurpose") is not "assertionMethod")
            return "Its proof was not made for assertionMethod.";
        if (Base58.FromMultibase(Text(proof, "proofValue") ?? "") is not { Length: 64 } signature)
            return "Its proofValue is not a base58btc multibase value of 64 bytes.";
        if (Text(proof, "verificationMethod") is not { } method || keyOf(method) is not { } key)
            return "Its verificationMethod is not a key of this issuer.";

        var options = JsonObject.Create(proof)!;
        options.Remove("proofValue");
        var document = JsonObject.Create(signed)!;
        document.Remove("proof");

        if (options["@context"] is { } context)
        {
            if (!StartsWith(document["@context"], context))
                return "The @context of its proof is not the beginning of its own.";
            document["@context"] = context.DeepClone();
        }

        return SignatureAlgorithm.Ed25519.Verify(key, HashData(Element(document), Element(options)), signature)
            ? null
            : "Its signature does not fit its content: it was changed after it was issued.";
    }

    /// <summary>The bytes that are signed.</summary>
    public static byte[] HashData(JsonElement document, JsonElement proofOptions)
        => [.. SHA256.HashData(CanonicalJson.Write(proofOptions)), .. SHA256.HashData(CanonicalJson.Write(document))];

    /// <summary>An Ed25519 public key as a Multikey.</summary>
    public static string Multikey(ReadOnlySpan<byte> publicKey) => Base58.Multibase([.. Ed25519Public, .. publicKey]);

    /// <summary>The key of a Multikey; null when it is not an Ed25519 one.</summary>
    public static PublicKey? FromMultikey(string multikey)
        => Base58.FromMultibase(multikey) is { Length: 34 } bytes && bytes.AsSpan().StartsWith(Ed25519Public)
            ? PublicKey.TryImport(SignatureAlgorithm.Ed25519, bytes.AsSpan(2), KeyBlobFormat.RawPublicKey, out var key) ? key : null
            : null;

    /// <summary>An instant as credentials carry it, to the second.</summary>
    public static string Timestamp(DateTimeOffset instant)
        => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    static JsonElement Element(JsonObject node) => JsonSerializer.SerializeToElement(node);

    static string? Text(JsonElement value, string name)
        => value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    static bool StartsWith(JsonNode? whole, JsonNode beginning)
        => whole is JsonArray all && beginning is JsonArray first
            ? first.Count <= all.Count && first.Zip(all).All(p => JsonNode.DeepEquals(p.First, p.Second))
            : JsonNode.DeepEquals(whole, beginning);
}
