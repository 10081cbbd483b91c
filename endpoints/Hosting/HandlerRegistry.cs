using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Hosting;

/// <summary>How one handler is called. <see cref="Saga"/> is set when it is a saga's.</summary>
sealed record HandlerCall(Type HandlerType, bool Outside, SagaCall? Saga, Func<object, object, IMessageHandlerContext, Task> Invoke);

/// <summary>How a saga is found, loaded and stored for a message.</summary>
sealed record SagaCall(Type SagaType, bool CanStart, bool IsTimeout, Func<object, string>? Correlation, ISagaShape Shape);

/// <summary>All handlers of an endpoint, by message type; found once at start and checked there.</summary>
sealed class HandlerRegistry
{
    readonly Dictionary<Type, List<HandlerCall>> _byType = [];
    readonly System.Collections.Concurrent.ConcurrentDictionary<Type, HandlerCall[]> _forConcrete = new();

    public HandlerRegistry(IEnumerable<Type> candidates)
    {
        foreach (var type in candidates.Where(t => t is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }))
        {
            var shape = ISagaShape.Of(type);
            foreach (var face in type.GetInterfaces().Where(i => i.IsGenericType))
            {
                var definition = face.GetGenericTypeDefinition();
                var messageType = face.GetGenericArguments()[0];
                if (definition == typeof(IHandleMessages<>))
                {
                    var starts = typeof(IAmStartedByMessages<>).MakeGenericType(messageType).IsAssignableFrom(type);
                    Add(type, messageType, nameof(CallHandle), outside: false, shape is null ? null : new SagaCall(type, starts, false, shape.CorrelationFor(messageType), shape));
                }
                else if (definition == typeof(IHandleOutsideCalls<>))
                {
                    Add(type, messageType, nameof(CallOutside), outside: true, null);
                }
                else if (definition == typeof(IHandleTimeouts<>))
                {
                    Add(type, messageType, nameof(CallTimeout), outside: false, new SagaCall(type, false, true, null, shape ?? throw new InvalidOperationException($"{type.FullName} handles time-outs but is not a Saga<TData>.")));
                }
            }

            if (typeof(IHandleSagaNotFound).IsAssignableFrom(type))
            {
                SagaNotFoundHandlers.Add(type);
            }
        }

        if (TakesEveryEvent && _byType.Keys.FirstOrDefault(Topology.IsEvent) is { } single)
        {
            throw new InvalidOperationException($"{_byType[single][0].HandlerType.Name} handles {single.Name}, but {_byType[typeof(PublishedEvent)][0].HandlerType.Name} of the same endpoint takes every event: put one of them into another endpoint.");
        }

        foreach (var (message, calls) in _byType.Where(e => typeof(Contracts.ICommand).IsAssignableFrom(e.Key) && e.Value.Count > 1))
        {
            throw new InvalidOperationException($"Command {message.Name} has {calls.Count} handlers ({string.Join(", ", calls.Select(c => c.HandlerType.Name))}); a command has exactly one.");
        }
    }

    public List<Type> SagaNotFoundHandlers { get; } = [];

    public IEnumerable<Type> MessageTypes => _byType.Keys;

    public IEnumerable<Type> HandlerTypes => _byType.Values.SelectMany(c => c).Select(c => c.HandlerType).Concat(SagaNotFoundHandlers).Distinct();

    /// <summary>Whether the endpoint takes events of all types, known or not.</summary>
    public bool TakesEveryEvent => _byType.ContainsKey(typeof(PublishedEvent));

    /// <summary>Handlers and sagas that write inside a transaction.</summary>
    public IEnumerable<Type> InsideHandlers => _byType.Values.SelectMany(c => c).Where(c => !c.Outside).Select(c => c.HandlerType).Concat(SagaNotFoundHandlers);

    public bool HasSagas => _byType.Values.Any(c => c.Any(h => h.Saga is not null));

    /// <summary>Handlers of the type itself and of the base types and interfaces that it is.</summary>
    public HandlerCall[] For(Type concrete)
        => _forConcrete.GetOrAdd(concrete, type => [.. _byType.Where(e => e.Key.IsAssignableFrom(type)).SelectMany(e => e.Value)]);

    public void Register(IServiceCollection services)
    {
        foreach (var type in HandlerTypes)
        {
            services.AddScoped(type);
        }
    }

    void Add(Type handler, Type message, string method, bool outside, SagaCall? saga)
    {
        // Replies find their saga by the id that travelled with the request.
        if (saga is { IsTimeout: false, Correlation: null } && (typeof(Contracts.ICommand).IsAssignableFrom(message) || typeof(Contracts.IEvent).IsAssignableFrom(message)))
        {
            throw new InvalidOperationException($"Saga {handler.Name} handles {message.Name} but ConfigureHowToFindSaga does not say which property finds the saga: add .ToMessage<{message.Name}>(m => m....).");
        }

        var invoke = typeof(HandlerRegistry).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(message)
            .CreateDelegate<Func<object, object, IMessageHandlerContext, Task>>();
        if (!_byType.TryGetValue(message, out var calls))
        {
            _byType[message] = calls = [];
        }

        calls.Add(new HandlerCall(handler, outside, saga, invoke));
    }

    static Task CallHandle<T>(object handler, object message, IMessageHandlerContext context) => ((IHandleMessages<T>)handler).Handle((T)message, context);

    static Task CallOutside<T>(object handler, object message, IMessageHandlerContext context) => ((IHandleOutsideCalls<T>)handler).Handle((T)message, context);

    static Task CallTimeout<T>(object handler, object message, IMessageHandlerContext context) => ((IHandleTimeouts<T>)handler).Timeout((T)message, context);
}
