using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdTech.Learning;

/// <summary>
/// A certificate as an Open Badges 3.0 credential. It carries no name: the recipient is a salted hash of the account's id, which the learner can
/// uncover by telling the id and nobody else can.
/// </summary>
static class CourseCredential
{
    /// <summary>The bits of one status list; the least number that the Bitstring Status List recommendation allows.</summary>
    public const int StatusListBits = 131_072;

    static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The signed credential as JSON.</summary>
    public static async Task<string> Sign(IssuerKeys keys, CourseAchievement achievement, CancellationToken cancellationToken)
    {
        var signing = await keys.Current(cancellationToken);
        var document = Document(keys, achievement, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        return Text(DataIntegrity.Sign(document, signing.Key, signing.VerificationMethod, achievement.IssuedAt));
    }

    /// <summary>JSON as it is given out.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Readable);

    /// <summary>The address of the status list that holds this index.</summary>
    public static string StatusListUrl(IssuerKeys keys, long list) => $"{keys.IssuerId}/status/{list}";

    /// <summary>The issuer as credentials name it.</summary>
    public static JsonObject Issuer(IssuerKeys keys) => new()
    {
        ["id"] = keys.IssuerId,
        ["type"] = new JsonArray("Profile"),
        ["name"] = "EdTech",
        ["url"] = keys.PublicUrl,
    };

    /// <summary>Whether the credential was issued to this account.</summary>
    public static bool IsIssuedTo(JsonElement credential, Guid account)
        => credential.GetProperty("credentialSubject").GetProperty("identifier").EnumerateArray().Any(i =>
            CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(i.GetProperty("identityHash").GetString()!),
                Encoding.UTF8.GetBytes(IdentityHash(account, i.GetProperty("salt").GetString()!))));

    static JsonObject Document(IssuerKeys keys, CourseAchievement achievement, string salt)
    {
        var list = achievement.StatusIndex / StatusListBits;
        var place = (achievement.StatusIndex % StatusListBits).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["@context"] = new JsonArray("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"),
            ["id"] = $"{keys.PublicUrl}/v1/certificates/{achievement.CertificateId}",
            ["type"] = new JsonArray("VerifiableCredential", "OpenBadgeCredential"),
            ["name"] = achievement.Title,
            ["issuer"] = Issuer(keys),
            ["validFrom"] = DataIntegrity.Timestamp(achievement.IssuedAt),
            ["awardedDate"] = DataIntegrity.Timestamp(achievement.IssuedAt),
            ["credentialSubject"] = new JsonObject
            {
                ["type"] = new JsonArray("AchievementSubject"),
                ["identifier"] = new JsonArray(new JsonObject
                {
                    ["type"] = "IdentityObject",
                    ["hashed"] = true,
                    ["identityHash"] = IdentityHash(achievement.StudentId, salt),
                    ["identityType"] = "accountId",
                    ["salt"] = salt,
                }),
                ["activityEndDate"] = DataIntegrity.Timestamp(achievement.IssuedAt),
                ["achievement"] = new JsonObject
                {
                    ["id"] = $"{keys.PublicUrl}/v1/courses/{achievement.CourseId}",
                    ["type"] = new JsonArray("Achievement"),
                    ["achievementType"] = "Course",
                    ["name"] = achievement.Title,
                    ["description"] = achievement.Summary.Length > 0 ? achievement.Summary : achievement.Title,
                    ["inLanguage"] = achievement.Language,
                    ["criteria"] = new JsonObject
                    {
                        ["narrative"] = $"Completed all {achievement.Lessons} lessons of the course, its quizzes passed.",
                    },
                },
            },
            ["credentialStatus"] = new JsonObject
            {
                ["id"] = $"{StatusListUrl(keys, list)}#{place}",
                ["type"] = "BitstringStatusListEntry",
                ["statusPurpose"] = "revocation",
                ["statusListIndex"] = place,
                ["statusListCredential"] = StatusListUrl(keys, list),
            },
        };
    }

    static string IdentityHash(Guid account, string salt)
        => "sha256$" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(account.ToString("D") + salt)));
}

/// <summary>What a certificate says.</summary>
sealed record CourseAchievement(
    Guid CertificateId,
    Guid StudentId,
    Guid CourseId,
    string Title,
    string Summary,
    string Language,
    int Lessons,
    long StatusIndex,
    DateTimeOffset IssuedAt);
