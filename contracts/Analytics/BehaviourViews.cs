using System.Text.Json;

namespace EdTech.Contracts.Analytics;

/// <summary>One event as a client reports it.</summary>
/// <param name="EventId">Made by the client; the same when the event is reported again.</param>
/// <param name="Type">What happened: <c>video.paused</c>.</param>
/// <param name="At">When, by the client's clock, RFC 3339.</param>
/// <param name="Data">What the type says; its JSON Schema is in contracts/schemas.</param>
/// <param name="Page">Where. The gateway drops query and fragment.</param>
/// <param name="Referrer">What led there. The gateway drops query and fragment.</param>
public sealed record ReportedEvent(Guid EventId, string Type, string At, JsonElement Data, string? Page = null, string? Referrer = null);

/// <summary>What became of a batch of reported events.</summary>
/// <param name="Accepted">How many are stored in the stream.</param>
/// <param name="Rejected">Those that will not be taken however often they are sent.</param>
public sealed record BehaviourReceipt(int Accepted, IReadOnlyList<RejectedEvent> Rejected);

/// <summary>An event that was not taken.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Code">Stable and machine-readable: <c>event.type_unknown</c>.</param>
/// <param name="Message">One sentence that names the field.</param>
public sealed record RejectedEvent(int Index, string Code, string Message);

/// <summary>A stored event.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Type">What happened: <c>video.paused</c>.</param>
/// <param name="At">When, UTC.</param>
/// <param name="ReceivedAt">When the platform took it, UTC.</param>
/// <param name="AnonymousId">The client's id.</param>
/// <param name="SessionId">The visit.</param>
/// <param name="App">Client and version.</param>
/// <param name="Page">Where.</param>
/// <param name="Referrer">What led there.</param>
/// <param name="Data">What the type says.</param>
public sealed record BehaviourEventView(Guid EventId, string Type, DateTimeOffset At, DateTimeOffset ReceivedAt, Guid AnonymousId, Guid SessionId, string App, string? Page, string? Referrer, JsonElement Data);

/// <summary>How many events of a person are stored.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
/// <param name="Total">All of them.</param>
/// <param name="Days">Days with any, oldest first.</param>
/// <param name="Merges">Anonymous ids that are, or once were, merged into the account.</param>
public sealed record BehaviourCounts(DateOnly From, DateOnly To, int Total, IReadOnlyList<BehaviourDay> Days, IReadOnlyList<IdentityMergeView> Merges);

/// <summary>One day's count.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Events">How many.</param>
public sealed record BehaviourDay(DateOnly Day, int Events);

/// <summary>An anonymous id of an account.</summary>
/// <param name="AnonymousId">The client's id.</param>
/// <param name="Active">Whether its events count as the account's.</param>
/// <param name="History">What happened to the merge, oldest first.</param>
public sealed record IdentityMergeView(Guid AnonymousId, bool Active, IReadOnlyList<IdentityMergeChange> History);

/// <summary>One change of a merge.</summary>
/// <param name="What"><c>merged</c>, <c>reverted</c> or <c>restored</c>.</param>
/// <param name="At">When, UTC.</param>
/// <param name="By">Who did it by hand; null when a sign-in did.</param>
public sealed record IdentityMergeChange(string What, DateTimeOffset At, Guid? By);
