using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace EdTech.Hosting;

/// <summary>Has the storage forget messages that the broker has confirmed, many at once, off the path of the messages.</summary>
sealed class OutboxForgetter(IEndpointStorage storage, ILogger logger)
{
    // What finds no room stays in the outbox, as if it could not be forgotten.
    readonly Channel<HandlerContext> _sent = Channel.CreateBounded<HandlerContext>(new BoundedChannelOptions(50_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Sent(IEnumerable<HandlerContext> contexts)
    {
        foreach (var context in contexts)
        {
            _sent.Writer.TryWrite(context);
        }
    }

    public void Complete() => _sent.Writer.TryComplete();

    public async Task Run(TimeProvider time)
    {
        var sent = new List<HandlerContext>(1024);
        while (await _sent.Reader.WaitToReadAsync())
        {
            // Let a bulk gather; on shutdown the channel is completed and the rest goes at once.
            await Task.WhenAny(_sent.Reader.Completion, Task.Delay(TimeSpan.FromMilliseconds(100), time));
            sent.Clear();
            while (sent.Count < 5_000 && _sent.Reader.TryRead(out var context))
            {
                sent.Add(context);
            }

            try
            {
                await storage.Forget(sent, CancellationToken.None);
            }
            catch (Exception exception) when (storage.IsFailure(exception))
            {
                // They stay in the outbox, the sweeper repeats their messages under the same ids, and receivers know those.
                logger.LogWarning("What {Count} messages sent could not be forgotten and will be repeated: {Reason}", sent.Count, exception.Message);
            }
        }
    }
}
