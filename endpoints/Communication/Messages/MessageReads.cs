using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Messages as they are now: an entry of the log with what has become of it since.</summary>
sealed class MessageReads(DynamoTable table)
{
    public Task<MessageView?> Find(Guid conversation, Guid message, CancellationToken ct) => throw new NotSupportedException($"Message {message} of conversation {conversation} in {table.Name} cannot be read yet ({ct.IsCancellationRequested}).");
}
