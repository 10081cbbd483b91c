using System.IO.Compression;
using System.Text;
using Amazon.DynamoDBv2.Model;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// The words of 256 entries in one compressed item: who searches a long conversation reads one item instead of 256. A block that has none (its writer
/// crashed, or its texts have too many words for an item) is searched entry by entry. A line of the content is a word and the places in the block, as
/// two hexadecimal digits each, where a text has it.
/// </summary>
static class SearchBlock
{
    /// <summary>DynamoDB's bound for an item is 400 KB.</summary>
    const int MaxBytes = 300_000;

    /// <summary>Writes a full block's words, if the log still ends there.</summary>
    public static async Task Write(DynamoTable table, Guid conversation, long block, ChatLogState state, CancellationToken ct)
    {
        var pk = Keys.Conversation(conversation);
        var content = Pack(await Entries(table, pk, block, state.LastSequence, ct));
        if (content.Length > MaxBytes)
        {
            return;
        }

        try
        {
            await table.Client.TransactWriteItemsAsync(
                new TransactWriteItemsRequest
                {
                    TransactItems =
                    [
                        state.Check(table.Name, conversation),
                        new TransactWriteItem { Put = new Put { TableName = table.Name, Item = DynamoValues.Item(pk, Keys.Words(block)).With("words", new AttributeValue { B = new MemoryStream(content) }) } },
                    ],
                },
                ct);
        }
        catch (TransactionCanceledException)
        {
            return; // another writer owns the log now; the block is searched without
        }
    }

    /// <summary>The entries of a block, oldest first.</summary>
    public static async Task<List<ChatEntry>> Entries(DynamoTable table, string pk, long block, long lastSequence, CancellationToken ct)
    {
        var first = (block * ChatFold.EntriesPerBlock) + 1;
        var last = Math.Min(lastSequence, first + ChatFold.EntriesPerBlock - 1);
        return last < first ? [] : [.. (await table.Query(pk, Keys.Entry(first), Keys.Entry(last), ChatFold.EntriesPerBlock, newestFirst: false, ct)).Select(LogEntry.Of)];
    }

    /// <summary>The sequences of entries that have all wanted words.</summary>
    public static List<long> Find(Dictionary<string, AttributeValue> item, long block, IReadOnlyCollection<string> wanted)
    {
        var places = wanted.Select(_ => new HashSet<int>()).ToArray();
        using var reader = new StreamReader(new BrotliStream(item["words"].B, CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            var end = line.IndexOf(' ', StringComparison.Ordinal);
            var at = 0;
            foreach (var word in wanted)
            {
                if (line.AsSpan(0, end).StartsWith(word, StringComparison.Ordinal))
                {
                    places[at].UnionWith(Convert.FromHexString(line.AsSpan(end + 1)).Select(b => (int)b));
                }

                at++;
            }
        }

        return [.. places.Skip(1).Aggregate(places[0], (all, next) => [.. all.Intersect(next)]).Select(p => (block * ChatFold.EntriesPerBlock) + 1 + p).OrderDescending()];
    }

    static byte[] Pack(List<ChatEntry> entries)
    {
        var places = new SortedDictionary<string, List<byte>>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            foreach (var word in SearchWords.Of(entry.Text))
            {
                if (!places.TryGetValue(word, out var at))
                {
                    places[word] = at = [];
                }

                at.Add((byte)((entry.Sequence - 1) % ChatFold.EntriesPerBlock));
            }
        }

        using var packed = new MemoryStream();
        using (var writer = new StreamWriter(new BrotliStream(packed, CompressionLevel.Fastest), new UTF8Encoding(false)))
        {
            foreach (var (word, at) in places)
            {
                writer.Write(word);
                writer.Write(' ');
                writer.Write(Convert.ToHexString([.. at]));
                writer.Write('\n');
            }
        }

        return packed.ToArray();
    }
}
