using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdTech.Communication;

/// <summary>
/// Every item of the endpoint's one table. The runtime's own items (<c>INBOX#...</c>, <c>SAGA#...</c>) are described with <see cref="EdTech.Hosting.DynamoTable"/>.
/// <code>
/// pk                    sk                   what                                                                    written by
/// C#{conversation}      META                 kind, title, subject_id, created_at, members, version; course_version   commands
/// C#{conversation}      M#{account}          one member: moderator, joined_at, from_sequence, from_number            commands
/// C#{conversation}      L#{account}          somebody was a member until left_at: what they posted before counts     commands
/// C#{conversation}      X#{account}          whether a student is enrolled, since when that is known                 events of learning
/// C#{conversation}      STATE                last_sequence, message_count, last_at, preview                          ChatLogWorker
/// C#{conversation}      E#{sequence}         one entry of the log; never changed, but for the text of what was deleted or replaced   ChatLogWorker
/// C#{conversation}      I#{record}           the sequence that a record was given; of a message also what became of it         ChatLogWorker
/// C#{conversation}      W#{block}            the words of 256 entries, for search                                    ChatLogWorker
/// C#{conversation}      R#{account}          how far a member has read: sequence, read_number                        ChatLogWorker, ReceiptsWorker
/// A#{account}           C#{conversation}     the member's side: as M#, and other_id, muted_until                     commands
/// A#{account}           B#{blocked}          whom they have blocked                                                  commands
/// REPORTS#{open|closed} {report}             a reported message with its text as evidence                            commands
/// S#{session}           ...                  a live lesson, see Lessons/SessionKeys.cs                               commands
/// A#{account}           S#{start}#{session}  a live lesson of the account                                            commands
/// </code>
/// A conversation is one partition key: DynamoDB serves 1,000 writes a second of each, and its order needs one writer anyway.
/// </summary>
static class Keys
{
    public const string Meta = "META";
    public const string State = "STATE";
    public const string OpenReports = "REPORTS#open";
    public const string ClosedReports = "REPORTS#closed";

    /// <summary>Sorts after every sort key that starts with the same prefix.</summary>
    public const string Last = "\uffff";

    public const string MemberPrefix = "M#";
    public const string EntryPrefix = "E#";
    public const string WordsPrefix = "W#";
    public const string ReadPrefix = "R#";
    public const string BlockPrefix = "B#";
    public const string ConversationPrefix = "C#";

    public static string Conversation(Guid conversation) => $"C#{conversation}";

    public static string Member(Guid account) => $"M#{account}";

    public static string Former(Guid account) => $"L#{account}";

    public static string Enrolment(Guid account) => $"X#{account}";

    public static string Entry(long sequence) => string.Create(CultureInfo.InvariantCulture, $"E#{sequence:D19}");

    public static string Record(Guid record) => $"I#{record}";

    public static string Words(long block) => string.Create(CultureInfo.InvariantCulture, $"W#{block:D12}");

    public static string Read(Guid account) => $"R#{account}";

    public static string Account(Guid account) => $"A#{account}";

    public static string Block(Guid blocked) => $"B#{blocked}";

    /// <summary>The one conversation of two people, whoever opens it.</summary>
    public static Guid Direct(Guid one, Guid other) => one.CompareTo(other) < 0 ? Derive("direct", one, other) : Derive("direct", other, one);

    /// <summary>The one conversation of a course.</summary>
    public static Guid Course(Guid course) => Derive("course", course);

    /// <summary>A name-based UUID (RFC 9562, version 8: SHA-256).</summary>
    static Guid Derive(string purpose, params ReadOnlySpan<Guid> parts)
    {
        var name = new StringBuilder("edtech conversation ").Append(purpose);
        foreach (var part in parts)
        {
            name.Append(' ').Append(part);
        }

        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(name.ToString())).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
