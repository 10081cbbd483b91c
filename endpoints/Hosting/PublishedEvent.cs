namespace EdTech.Hosting;

/// <summary>
/// An event of the bus as it was published. An endpoint with an <see cref="IHandleOutsideCalls{T}"/> of it gets every event of every endpoint, also
/// those that its own build does not know: nothing of the body is interpreted on the way. Such an endpoint handles no single event types.
/// </summary>
/// <param name="TypeName">Full name of the concrete type, without the assembly.</param>
/// <param name="Body">The JSON, byte for byte.</param>
public sealed record PublishedEvent(string TypeName, ReadOnlyMemory<byte> Body);
