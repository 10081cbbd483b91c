using System.ComponentModel.DataAnnotations;

namespace EdTech.Contracts.Analytics;

/// <summary>
/// What somebody did in a client (<see cref="StreamTopics.AnalyticsEvents"/>, keyed by account or, without one, by anonymous id). Written only by the
/// gateway, which has checked it and added what the client does not decide. An event that is reported again carries the same <paramref name="RecordId"/>.
/// </summary>
/// <param name="RecordId">The event's id, made by the client.</param>
/// <param name="At">When it happened, UTC: the client's clock, corrected where that is wrong by more than two minutes.</param>
/// <param name="Origin">Who reported it, from where.</param>
public abstract record BehaviourRecord(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin) : IStreamRecord
{
    string IStreamRecord.Key => (Origin.AccountId ?? Origin.AnonymousId).ToString();
}

/// <summary>Who reported an event, from where. No network address, no query strings.</summary>
/// <param name="AnonymousId">Made by the client when it was installed or first opened.</param>
/// <param name="SessionId">One visit, by the client's own rule.</param>
/// <param name="AccountId">Whose access token came with the event; null before sign-in.</param>
/// <param name="App">Client and version: <c>web 1.4.0</c>.</param>
/// <param name="ReceivedAt">When the gateway took it, UTC.</param>
/// <param name="Page">Where it happened, without query and fragment; null where the client has no pages.</param>
/// <param name="Referrer">What led there, without query and fragment.</param>
public sealed record BehaviourOrigin(Guid AnonymousId, Guid SessionId, Guid? AccountId, string App, DateTimeOffset ReceivedAt, string? Page = null, string? Referrer = null);

/// <summary>A page was shown. Which one is <see cref="BehaviourOrigin.Page"/>.</summary>
[StreamRecord("edtech.analytics.page.viewed.v1")]
public sealed record PageViewed(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, PageViewedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="PageViewed"/> says.</summary>
/// <param name="Title">The page's title, at most 200 characters.</param>
/// <param name="LoadMilliseconds">From the click to the page, up to ten minutes.</param>
public sealed record PageViewedData(
    [property: StringLength(200)] string? Title = null,
    [property: Range(0, 600_000)] double? LoadMilliseconds = null);

/// <summary>Somebody searched the catalogue.</summary>
[StreamRecord("edtech.analytics.search.performed.v1")]
public sealed record SearchPerformed(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, SearchPerformedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="SearchPerformed"/> says.</summary>
/// <param name="Query">As typed, at most 200 characters; empty when only filters were set.</param>
/// <param name="Results">How many were found.</param>
/// <param name="Page">Which page of them was shown, from 1.</param>
public sealed record SearchPerformedData(
    [property: StringLength(200)] string Query,
    [property: Range(0, 1_000_000)] int Results,
    [property: Range(1, 10_000)] int? Page = null);

/// <summary>A course's page was shown.</summary>
[StreamRecord("edtech.analytics.course.viewed.v1")]
public sealed record CourseViewed(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, CourseViewedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="CourseViewed"/> says.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="Source">What led to it.</param>
public sealed record CourseViewedData(
    Guid CourseId,
    [property: AllowedValues("search", "recommendation", "path", "link")] string? Source = null);

/// <summary>A lesson was opened.</summary>
[StreamRecord("edtech.analytics.lesson.opened.v1")]
public sealed record LessonOpened(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, LessonOpenedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="LessonOpened"/> says.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="LessonId">The lesson.</param>
public sealed record LessonOpenedData(Guid CourseId, Guid LessonId);

/// <summary>A video began to play, or went on.</summary>
[StreamRecord("edtech.analytics.video.played.v1")]
public sealed record VideoPlayed(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, VideoPlayedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="VideoPlayed"/> says.</summary>
/// <param name="LessonId">The video's lesson.</param>
/// <param name="PositionSeconds">From where, up to a day.</param>
/// <param name="Speed">1 is natural.</param>
public sealed record VideoPlayedData(
    Guid LessonId,
    [property: Range(0, 86_400)] double PositionSeconds,
    [property: Range(0.25, 4)] double? Speed = null);

/// <summary>A video was halted.</summary>
[StreamRecord("edtech.analytics.video.paused.v1")]
public sealed record VideoPaused(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, VideoPausedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="VideoPaused"/> says.</summary>
/// <param name="LessonId">The video's lesson.</param>
/// <param name="PositionSeconds">Where.</param>
/// <param name="WatchedSeconds">How much was seen since it was last played.</param>
public sealed record VideoPausedData(
    Guid LessonId,
    [property: Range(0, 86_400)] double PositionSeconds,
    [property: Range(0, 86_400)] double WatchedSeconds);

/// <summary>Somebody jumped within a video.</summary>
[StreamRecord("edtech.analytics.video.seeked.v1")]
public sealed record VideoSeeked(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, VideoSeekedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="VideoSeeked"/> says.</summary>
/// <param name="LessonId">The video's lesson.</param>
/// <param name="FromSeconds">From where.</param>
/// <param name="ToSeconds">To where.</param>
public sealed record VideoSeekedData(
    Guid LessonId,
    [property: Range(0, 86_400)] double FromSeconds,
    [property: Range(0, 86_400)] double ToSeconds);

/// <summary>A video was played to its end. Says nothing about the lesson's completion, which is the learning endpoint's to decide.</summary>
[StreamRecord("edtech.analytics.video.completed.v1")]
public sealed record VideoCompleted(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, VideoCompletedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="VideoCompleted"/> says.</summary>
/// <param name="LessonId">The video's lesson.</param>
/// <param name="LengthSeconds">How long the video is.</param>
public sealed record VideoCompletedData(
    Guid LessonId,
    [property: Range(0, 86_400)] double LengthSeconds);

/// <summary>A quiz was shown to be answered.</summary>
[StreamRecord("edtech.analytics.quiz.started.v1")]
public sealed record QuizStarted(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, QuizStartedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="QuizStarted"/> says.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="LessonId">The quiz.</param>
public sealed record QuizStartedData(Guid CourseId, Guid LessonId);

/// <summary>Somebody went to pay.</summary>
[StreamRecord("edtech.analytics.checkout.started.v1")]
public sealed record CheckoutStarted(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, CheckoutStartedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="CheckoutStarted"/> says.</summary>
/// <param name="ItemId">The course or the offer.</param>
/// <param name="Kind">Which of them.</param>
public sealed record CheckoutStartedData(
    Guid ItemId,
    [property: AllowedValues("course", "lessons")] string Kind);

/// <summary>A button or link whose use is measured was pressed.</summary>
[StreamRecord("edtech.analytics.cta.clicked.v1")]
public sealed record CtaClicked(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, CtaClickedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="CtaClicked"/> says.</summary>
/// <param name="Name">The client's own name of it: <c>course.enrol</c>.</param>
public sealed record CtaClickedData([property: RegularExpression(CtaClickedData.NamePattern)] string Name)
{
    internal const string NamePattern = "^[a-z0-9][a-z0-9._-]{0,63}$";
}

/// <summary>Somebody was shown that something failed.</summary>
[StreamRecord("edtech.analytics.error.shown.v1")]
public sealed record ErrorShown(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, ErrorShownData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="ErrorShown"/> says.</summary>
/// <param name="Code">A problem's code, or the client's own; no text, which could hold what somebody typed.</param>
/// <param name="Status">The HTTP status, where there was one.</param>
public sealed record ErrorShownData(
    [property: RegularExpression(CtaClickedData.NamePattern)] string Code,
    [property: Range(100, 599)] int? Status = null);

/// <summary>
/// An account was first seen with an anonymous id: what was reported under the id before belongs to the account from now on. Made by the gateway, never by
/// a client; its id follows from both ids, so that each pair is merged once however often it is told.
/// </summary>
[StreamRecord("edtech.analytics.identity.merged.v1")]
public sealed record IdentityMerged(Guid RecordId, DateTimeOffset At, BehaviourOrigin Origin, IdentityMergedData Data) : BehaviourRecord(RecordId, At, Origin);

/// <summary>What <see cref="IdentityMerged"/> says.</summary>
/// <param name="AnonymousId">Whose events go over.</param>
/// <param name="AccountId">To whom.</param>
public sealed record IdentityMergedData(Guid AnonymousId, Guid AccountId);
