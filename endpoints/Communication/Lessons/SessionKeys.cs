using System.Globalization;

namespace EdTech.Communication;

/// <summary>
/// The items of live lessons, in the endpoint's one table (see <see cref="Keys"/>).
/// <code>
/// pk             sk                              what
/// S#{session}    META                            the session: rev, and everything else as JSON in doc (Session)
/// S#{session}    V#{account}#{at}#{id}           evidence that somebody came or went: never changed, never deleted
/// S#{session}    V#END                           that the end closed all stays that were open
/// A#{account}    S#{last end}#{session}          a live lesson of the account; last end is when it is over at the latest
/// </code>
/// A session is one item, so that each decision about it (who is present, who has agreed, what records) is made on one state and none is made twice.
/// </summary>
static class SessionKeys
{
    public const string Prefix = "S#";
    public const string End = "V#END";

    public static string Session(Guid session) => $"S#{session}";

    public static string EvidenceOf(Guid account) => $"V#{account}#";

    public static string Evidence(Evidence evidence) => $"{EvidenceOf(evidence.AccountId)}{Instant(evidence.At)}#{evidence.Id}";

    public static string Entry(DateTimeOffset lastEnd, Guid session) => $"S#{Instant(lastEnd)}#{session}";

    public static string From(DateTimeOffset lastEnd) => $"S#{Instant(lastEnd)}";

    /// <summary>Milliseconds since 1970 in fifteen digits: sorts as time does.</summary>
    static string Instant(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString("D15", CultureInfo.InvariantCulture);
}
