using System.Linq.Expressions;

namespace EdTech.Hosting;

/// <summary>The state of a saga. Stored as JSON beside its correlation value.</summary>
public abstract class SagaData
{
    /// <summary>Identity of this saga instance.</summary>
    public Guid Id { get; set; }

    /// <summary>Reply address of the message that started it.</summary>
    public string? Originator { get; set; }

    /// <summary>Logical id of the message that started it.</summary>
    public string? OriginalMessageId { get; set; }
}

/// <summary>Starts a saga when none is found for the message, otherwise continues it.</summary>
public interface IAmStartedByMessages<in T> : IHandleMessages<T>;

/// <summary>Handles a time-out that the saga requested.</summary>
public interface IHandleTimeouts<in T>
{
    /// <summary>The time has come. Time-outs of completed sagas are dropped before they get here.</summary>
    Task Timeout(T state, IMessageHandlerContext context);
}

/// <summary>What happens to a message whose saga is completed or never started. Without one such messages are logged and dropped.</summary>
public interface IHandleSagaNotFound
{
    /// <summary>Handles the orphan.</summary>
    Task Handle(object message, IMessageHandlerContext context);
}

/// <summary>A long-running promise: its state is loaded before, and stored after, each message, in the message's transaction.</summary>
public abstract class Saga<TData>
    where TData : SagaData, new()
{
    /// <summary>The state of the instance that the message belongs to.</summary>
    public TData Data { get; internal set; } = new();

    internal bool Completed { get; private set; }

    /// <summary>Names the state's correlation property and how each message carries its value. One property per saga.</summary>
    protected abstract void ConfigureHowToFindSaga(SagaPropertyMapper<TData> mapper);

    internal void Configure(SagaPropertyMapper<TData> mapper) => ConfigureHowToFindSaga(mapper);

    /// <summary>Ends the saga: its row is deleted when the message commits.</summary>
    protected void MarkAsComplete() => Completed = true;

    /// <summary>Has <paramref name="state"/> delivered to this saga after <paramref name="after"/>.</summary>
    protected Task RequestTimeout<T>(IMessageHandlerContext context, TimeSpan after, T state)
        where T : notnull
        => ((ISagaTimeouts)context).RequestTimeout(Data.Id, GetType(), after, state);

    /// <summary>Answers whoever started the saga.</summary>
    protected Task ReplyToOriginator(IMessageHandlerContext context, object message)
        => ((ISagaTimeouts)context).ReplyTo(
            Data.Originator ?? throw new InvalidOperationException($"Saga {GetType().Name} {Data.Id} was started by a message without a reply address; nobody can be answered."),
            Data.OriginalMessageId,
            message);
}

interface ISagaTimeouts
{
    Task RequestTimeout(Guid sagaId, Type sagaType, TimeSpan after, object state);

    Task ReplyTo(string address, string? correlationId, object message);
}

/// <summary>Collects how messages find their saga.</summary>
public sealed class SagaPropertyMapper<TData>
{
    internal Dictionary<Type, Func<object, string>> Values { get; } = [];

    internal System.Reflection.PropertyInfo? Property { get; private set; }

    /// <summary>The state's property that identifies an instance.</summary>
    public SagaPropertyMapper<TData> MapSaga(Expression<Func<TData, object>> property)
    {
        var body = property.Body is UnaryExpression unary ? unary.Operand : property.Body;
        Property = (System.Reflection.PropertyInfo)((MemberExpression)body).Member;
        return this;
    }

    /// <summary>Where messages of this type carry the value.</summary>
    public SagaPropertyMapper<TData> ToMessage<TMessage>(Func<TMessage, object> value)
    {
        Values[typeof(TMessage)] = m => Convert.ToString(value((TMessage)m), System.Globalization.CultureInfo.InvariantCulture)
            ?? throw new UnrecoverableException($"{typeof(TMessage).Name} carries no value to find its saga by.");
        return this;
    }
}

/// <summary>Thrown by a handler when trying again cannot help: the message goes to the error queue at once.</summary>
public class UnrecoverableException(string message, Exception? inner = null) : Exception(message, inner);
