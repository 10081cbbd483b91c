using System.Text.Json.Nodes;

namespace EdTech.Gateway.Tests;

/// <summary>A body that an operation accepts. The document's schema says enough for most; where rules of the domain say more, it stands here.</summary>
public sealed class SampleRequests(ApiDocument document)
{
    const string Article = """{"kind":"article","title":"What a third is","minutes":5,"freePreview":false,"content":{"html":"<p>Three of them make one.</p>"}}""";

    const string Details = """{"title":"Fractions without fear","summary":"Halves.","descriptionHtml":"<p>For everybody.</p>","language":"en","level":"beginner","subjects":["mathematics"],"prerequisites":[]}""";

    static readonly Dictionary<string, Func<World, string>> ByOperation = new(StringComparer.Ordinal)
    {
        ["registerAccount"] = _ => $$"""{"email":"{{Guid.NewGuid():N}}@example.test","password":"{{GatewayFixture.Password}}","displayName":"Somebody","locale":"en","timeZone":"Europe/Lisbon"}""",
        ["resendVerification"] = w => $$"""{"email":"{{w.Owner.Email}}"}""",
        ["requestPasswordReset"] = w => $$"""{"email":"{{w.Owner.Email}}"}""",
        ["resetPassword"] = _ => $$"""{"token":"{{new string('A', 64)}}","newPassword":"{{GatewayFixture.Password}}"}""",
        ["verifyEmail"] = _ => $$"""{"token":"{{new string('A', 64)}}"}""",
        ["startSession"] = w => $$"""{"email":"{{w.Owner.Email}}","password":"{{GatewayFixture.Password}}","device":"a test"}""",
        ["startSocialSession"] = _ => """{"provider":"google","idToken":"a.b.c","nonce":"0123456789abcdef"}""",
        ["linkSocialLogin"] = _ => """{"provider":"google","idToken":"a.b.c","nonce":"0123456789abcdef"}""",
        ["changePassword"] = _ => $$"""{"currentPassword":"{{GatewayFixture.Password}}","newPassword":"{{GatewayFixture.Password}}-2"}""",
        ["enrolTwoFactor"] = _ => $$"""{"password":"{{GatewayFixture.Password}}"}""",
        ["confirmTwoFactor"] = _ => """{"code":"123456"}""",
        ["disableTwoFactor"] = _ => $$"""{"code":"123456","password":"{{GatewayFixture.Password}}"}""",
        ["renewRecoveryCodes"] = _ => $$"""{"code":"123456","password":"{{GatewayFixture.Password}}"}""",
        ["updateProfile"] = _ => """{"displayName":"Somebody else","locale":"pt-PT","timeZone":"Europe/Lisbon","bio":"Likes fractions.","accessibility":{"captions":true,"textScalePercent":120},"shows":{"bio":"everybody"}}""",
        ["createCourse"] = _ => Details,
        ["reviseCourseDetails"] = _ => Details,
        ["addSection"] = _ => """{"title":"Further steps","position":0}""",
        ["renameSection"] = _ => """{"title":"First steps"}""",
        ["refreshSession"] = _ => $$"""{"refreshToken":"{{new string('A', 86)}}"}""",
        ["moveSection"] = _ => """{"position":0}""",
        ["addLesson"] = _ => $$"""
            {"kind":"quiz","title":"Try again","minutes":5,"freePreview":false,"position":0,"content":{"quiz":{"passPercent":50,"maxAttempts":3,"timeLimitSeconds":600,"shuffle":false,"questions":[
              {"questionId":"{{Guid.CreateVersion7()}}","kind":"single","promptHtml":"<p>Which is larger?</p>","points":1,"partialCredit":false,"hints":["Compare over six."],
               "choices":[{"id":"a","html":"1/2","correct":true},{"id":"b","html":"1/3","correct":false}]},
              {"questionId":"{{Guid.CreateVersion7()}}","kind":"numeric","promptHtml":"<p>One half?</p>","points":1,"partialCredit":false,"hints":[],"choices":[],
               "numeric":{"value":0.5,"tolerance":0.001,"alsoAccepted":[],"halfCredit":[]} }] } } }
            """,
        ["reviseLesson"] = _ => Article,
        ["moveLesson"] = w => $$"""{"sectionId":"{{w.Ids["sectionId"]}}","position":1}""",
        ["createPath"] = w => $$"""{"title":"All of arithmetic","summary":"From halves to thirds.","steps":[{"courseId":"{{w.Ids["courseId"]}}","requires":[]}]}""",
        ["revisePath"] = w => $$"""{"title":"All of arithmetic","summary":"From halves to thirds.","steps":[{"courseId":"{{w.Ids["courseId"]}}","requires":[]}]}""",
        ["saveAnswers"] = w => $$"""{"answers":[{"questionId":"{{w.Ids["questionId"]}}","choices":["a"]}]}""",
        ["submitQuiz"] = w => $$"""{"answers":[{"questionId":"{{w.Ids["questionId"]}}","choices":["a"]}]}""",
        ["savePosition"] = _ => """{"positionSeconds":12}""",
        ["suspendAccount"] = _ => """{"reason":"Asked for by the person."}""",
        ["revokeCertificate"] = _ => """{"reason":"Issued by mistake."}""",
        ["quotePurchase"] = w => $$"""{"kind":"lessons","itemId":"{{w.Ids["otherOfferId"]}}"}""",
        ["startPurchase"] = w => $$"""{"kind":"lessons","quoteId":"{{w.Ids["quoteId"]}}"}""",
        ["refundPurchase"] = _ => """{"reason":"Changed my mind."}""",
        ["offerLessons"] = _ => """{"title":"Fractions, one hour","lessons":1,"price":{"minorUnits":3000,"currency":"EUR"}}""",
        ["reviseLessonOffer"] = _ => """{"title":"Fractions, two hours","lessons":2,"price":{"minorUnits":5000,"currency":"EUR"}}""",
        ["createCoupon"] = _ => $$"""{"code":"C{{Guid.NewGuid().ToString("N")[..12]}}","percentOff":20,"maxUses":5,"expiresAt":"{{DateTimeOffset.UtcNow.AddDays(30):O}}"}""",
        ["onboardTutor"] = _ => """{"country":"DE"}""",
        ["changePayoutSettings"] = _ => """{"interval":"monthly","minimumMinorUnits":2500}""",
        ["requestPayout"] = _ => """{"currency":"EUR"}""",
        ["setFee"] = _ => $$"""{"basisPoints":1500,"effectiveFrom":"{{DateTimeOffset.UtcNow.AddYears(1):O}}","tutorId":"{{Guid.CreateVersion7()}}"}""",
        ["scheduleSession"] = w => $$"""{"title":"Fractions, live","startsAt":"{{DateTimeOffset.UtcNow.AddHours(1):O}}","minutes":60,"studentIds":["{{w.Ids["studentId"]}}"]}""",
        ["cancelSession"] = _ => """{"reason":"I am ill."}""",
        ["consentToRecording"] = _ => """{"agreed":true}""",
        ["openConversation"] = w => $$"""{"kind":"group","title":"Fractions together","memberIds":["{{w.Ids["friendId"]}}"]}""",
        ["postMessage"] = _ => """{"text":"Three quarters of what?"}""",
        ["editMessage"] = _ => """{"text":"Three quarters of which number?"}""",
        ["markRead"] = _ => """{"sequence":1}""",
        ["reportMessage"] = _ => """{"reason":"Not kind."}""",
        ["resolveReport"] = _ => """{"outcome":"Talked to both."}""",
        ["renameConversation"] = _ => """{"title":"Thirds together"}""",
        ["reconcileDay"] = _ => """{"day":"2026-01-02"}""",
        ["resolveException"] = _ => """{"resolution":"The charge was made by hand."}""",
        ["submitDisputeEvidence"] = _ => """{"text":"The learner attended all lessons."}""",
        ["reportBehaviour"] = _ => $$"""{"anonymousId":"{{Guid.NewGuid()}}","sessionId":"{{Guid.NewGuid()}}","app":"web 1.0.0","sentAt":"{{DateTimeOffset.UtcNow:O}}","events":[{"eventId":"{{Guid.NewGuid()}}","type":"page.viewed","at":"{{DateTimeOffset.UtcNow:O}}","data":{"title":"Home"} }] }""",
        ["checkCredential"] = _ => """{"id":"urn:uuid:0","type":["VerifiableCredential"],"proof":{"type":"DataIntegrityProof"}}""",
    };

    public JsonNode? BodyOf(ApiOperation operation, World world)
        => ByOperation.TryGetValue(operation.Id, out var sample) ? JsonNode.Parse(sample(world))
            : document.BodyOf(operation) is { } schema ? document.Sample(schema)
            : null;

    public HttpRequestMessage Request(ApiOperation operation, World world, Person? caller)
    {
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(world.AddressOf(operation), UriKind.Relative));
        if (BodyOf(operation, world) is { } body) request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        request.Headers.Authorization = caller?.Authorization;
        return request;
    }
}
