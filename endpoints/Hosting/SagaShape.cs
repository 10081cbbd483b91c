using System.Text.Json;

namespace EdTech.Hosting;

/// <summary>What the runtime needs of a <see cref="Saga{TData}"/> without knowing its data type.</summary>
interface ISagaShape
{
    Func<object, string>? CorrelationFor(Type message);

    void Load(object saga, string data);

    void Start(object saga, Guid id, string correlation, string? originator, string messageId);

    Guid IdOf(object saga);

    bool IsCompleted(object saga);

    string DataOf(object saga);

    static ISagaShape? Of(Type type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (parent.IsGenericType && parent.GetGenericTypeDefinition() == typeof(Saga<>))
            {
                return (ISagaShape)Activator.CreateInstance(typeof(SagaShape<>).MakeGenericType(parent.GetGenericArguments()), type)!;
            }
        }

        return null;
    }
}

sealed class SagaShape<TData> : ISagaShape
    where TData : SagaData, new()
{
    readonly SagaPropertyMapper<TData> _mapper = new();

    public SagaShape(Type sagaType)
    {
        // Correlation is configuration, not behaviour: it is read from an instance made without its dependencies.
        var saga = (Saga<TData>)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(sagaType);
        saga.Configure(_mapper);
        if (_mapper.Property is null)
        {
            throw new InvalidOperationException($"Saga {sagaType.Name} names no correlation property: start ConfigureHowToFindSaga with MapSaga(d => d....).");
        }
    }

    public Func<object, string>? CorrelationFor(Type message) => _mapper.Values.GetValueOrDefault(message);

    public void Load(object saga, string data) => ((Saga<TData>)saga).Data = JsonSerializer.Deserialize<TData>(data)!;

    public void Start(object saga, Guid id, string correlation, string? originator, string messageId)
    {
        var data = new TData { Id = id, Originator = originator, OriginalMessageId = messageId };
        var property = _mapper.Property!;
        object value = property.PropertyType == typeof(Guid) ? Guid.Parse(correlation)
            : Convert.ChangeType(correlation, property.PropertyType, System.Globalization.CultureInfo.InvariantCulture);
        property.SetValue(data, value);
        ((Saga<TData>)saga).Data = data;
    }

    public Guid IdOf(object saga) => ((Saga<TData>)saga).Data.Id;

    public bool IsCompleted(object saga) => ((Saga<TData>)saga).Completed;

    public string DataOf(object saga) => JsonSerializer.Serialize(((Saga<TData>)saga).Data);
}
