using Amazon.DynamoDBv2.Model;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>
/// Keeps how far every member has read: a sequence, and the messages up to it, so that what is unread is one subtraction. A place only ever moves
/// forward, by a condition of the write, so receipts may come again, late or twice at once. Of the many receipts in a batch one per member is written.
/// </summary>
sealed class ReceiptsWorker(DynamoTable table, ConversationFrames frames) : StreamWorker<ReadReceipt>
{
    const string NotStored = "It is beyond what is stored of the conversation.";

    public override StreamTopic Topic => StreamTopics.ChatReceipts;

    protected override async Task Handle(StreamBatch<ReadReceipt> batch, CancellationToken cancellationToken)
    {
        var read = (await table.GetMany([.. batch.Records.SelectMany(r => Needed(r.Value))], cancellationToken)).ToDictionary(i => (i["pk"].S, i["sk"].S));
        List<StreamRecord<ReadReceipt>> good = [];
        foreach (var record in batch.Records)
        {
            if (Has(read, record.Value, Keys.Former(record.Value.MemberId)) is not null && Has(read, record.Value, Keys.Member(record.Value.MemberId)) is null)
            {
                continue; // they have left since: nobody asks how far they read
            }

            if (Fault(record.Value, read) is { } reason)
            {
                batch.Reject(record, reason);
            }
            else
            {
                good.Add(record);
            }
        }

        var farthest = good.Select(r => r.Value)
            .GroupBy(r => (r.ConversationId, r.MemberId)).Select(g => g.MaxBy(r => r.Sequence)!)
            .Where(r => Has(read, r, Keys.Read(r.MemberId))?.Number("sequence") is not { } place || place < r.Sequence);
        await Parallel.ForEachAsync(farthest, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (receipt, ct) =>
        {
            if (await Move(receipt, Has(read, receipt, Keys.Entry(receipt.Sequence))!.Number("number"), ct))
            {
                await frames.TellRead(receipt.ConversationId, receipt.MemberId, receipt.Sequence);
            }
        });
    }

    static IEnumerable<(string, string)> Needed(ReadReceipt receipt)
    {
        var pk = Keys.Conversation(receipt.ConversationId);
        return [(pk, Keys.State), (pk, Keys.Member(receipt.MemberId)), (pk, Keys.Former(receipt.MemberId)), (pk, Keys.Read(receipt.MemberId)), (pk, Keys.Entry(Math.Max(0, receipt.Sequence)))];
    }

    static string? Fault(ReadReceipt receipt, Dictionary<(string, string), Dictionary<string, AttributeValue>> read)
    {
        if (receipt.Sequence < 1)
        {
            return "Its sequence is not one of an entry.";
        }

        if (Has(read, receipt, Keys.Member(receipt.MemberId)) is null)
        {
            return "Its reader is no member of the conversation.";
        }

        return Has(read, receipt, Keys.State)?.Number("last_sequence") >= receipt.Sequence && Has(read, receipt, Keys.Entry(receipt.Sequence)) is not null ? null : NotStored;
    }

    async Task<bool> Move(ReadReceipt receipt, long number, CancellationToken ct)
    {
        try
        {
            await table.Client.UpdateItemAsync(
                new UpdateItemRequest
                {
                    TableName = table.Name,
                    Key = DynamoValues.Item(Keys.Conversation(receipt.ConversationId), Keys.Read(receipt.MemberId)),
                    UpdateExpression = "SET #sequence = :sequence, read_number = :number",
                    ConditionExpression = "attribute_not_exists(#sequence) OR #sequence < :sequence",
                    ExpressionAttributeNames = new() { ["#sequence"] = "sequence" },
                    ExpressionAttributeValues = new() { [":sequence"] = DynamoValues.Of(receipt.Sequence), [":number"] = DynamoValues.Of(number) },
                },
                ct);
            return true;
        }
        catch (ConditionalCheckFailedException)
        {
            return false; // somewhere else they have read farther
        }
        catch (TransactionConflictException e)
        {
            throw new DynamoUnavailableException($"Conversation {receipt.ConversationId} takes a message of the same member right now.", e);
        }
    }

    static Dictionary<string, AttributeValue>? Has(Dictionary<(string, string), Dictionary<string, AttributeValue>> read, ReadReceipt receipt, string sk)
        => read.GetValueOrDefault((Keys.Conversation(receipt.ConversationId), sk));
}
