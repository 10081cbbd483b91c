using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EdTech.Hosting;

/// <summary>Deletes outbox rows whose messages are confirmed, many at once, off the path of the messages.</summary>
sealed class OutboxForgetter(MessageStore store, ILogger logger)
{
    readonly Channel<Guid> _sent = Channel.CreateUnbounded<Guid>(new UnboundedChannelOptions { SingleReader = true });

    public void Sent(IEnumerable<OutgoingMessage> messages)
    {
        foreach (var message in messages)
        {
            _sent.Writer.TryWrite(message.Id);
        }
    }

    public void Complete() => _sent.Writer.TryComplete();

    public async Task Run(TimeProvider time)
    {
        var ids = new List<Guid>(1024);
        while (await _sent.Reader.WaitToReadAsync())
        {
            // Let a bulk gather; on shutdown the channel is completed and the rest goes at once.
            await Task.WhenAny(_sent.Reader.Completion, Task.Delay(TimeSpan.FromMilliseconds(100), time));
            ids.Clear();
            while (ids.Count < 5_000 && _sent.Reader.TryRead(out var id))
            {
                ids.Add(id);
            }

            try
            {
                await store.Forget([.. ids], CancellationToken.None);
            }
            catch (NpgsqlException exception)
            {
                // The rows stay, the sweeper repeats their messages under the same ids, and receivers know those.
                logger.LogWarning("{Count} sent messages could not be forgotten and will be repeated: {Reason}", ids.Count, exception.Message);
            }
        }
    }
}
