using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdTech.Contracts.Analytics;

/// <summary>How the domain's records and views are written as JSON, generated at build time: camel-cased, as clients report them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refused))]
// BehaviourCommands.cs
[JsonSerializable(typeof(RevertIdentityMerge))]
[JsonSerializable(typeof(RestoreIdentityMerge))]
// BehaviourRecords.cs
[JsonSerializable(typeof(PageViewed))]
[JsonSerializable(typeof(SearchPerformed))]
[JsonSerializable(typeof(CourseViewed))]
[JsonSerializable(typeof(LessonOpened))]
[JsonSerializable(typeof(VideoPlayed))]
[JsonSerializable(typeof(VideoPaused))]
[JsonSerializable(typeof(VideoSeeked))]
[JsonSerializable(typeof(VideoCompleted))]
[JsonSerializable(typeof(QuizStarted))]
[JsonSerializable(typeof(CheckoutStarted))]
[JsonSerializable(typeof(CtaClicked))]
[JsonSerializable(typeof(ErrorShown))]
[JsonSerializable(typeof(IdentityMerged))]
// BehaviourViews.cs
[JsonSerializable(typeof(ReportedEvent))]
[JsonSerializable(typeof(BehaviourReceipt))]
[JsonSerializable(typeof(BehaviourEventView))]
[JsonSerializable(typeof(BehaviourCounts))]
[JsonSerializable(typeof(Page<BehaviourEventView>))]
public sealed partial class AnalyticsJson : JsonSerializerContext
{
    /// <summary>For what clients report: nothing unknown, nothing twice, nothing missing.</summary>
    public static AnalyticsJson Strict { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 8,
    });
}
