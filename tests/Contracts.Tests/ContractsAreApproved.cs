using System.Reflection;
using System.Text;
using EdTech.Contracts;
using EdTech.Hosting;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Contracts.Tests;

/// <summary>The words that programs share change only by approval: other programs, and messages in queues, still speak the old ones.</summary>
public sealed class ContractsAreApproved
{
    static readonly Assembly Contracts = typeof(ICommand).Assembly;

    [Fact]
    public void Messages_and_views_are_the_approved_ones()
    {
        var folder = Path.Combine(FaultyStack.Repository, "tests", "Contracts.Tests");
        var approved = Path.Combine(folder, "contracts.approved.txt");
        var received = Path.Combine(folder, "contracts.received.txt");
        var text = Describe();
        if (File.Exists(approved) && File.ReadAllText(approved) == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail($"The contracts differ from the approved ones. Compare {approved} with {received}; when every change is one that running programs and queued messages survive, copy the second over the first.");
    }

    [Fact]
    public void Every_command_belongs_to_an_endpoint_and_names_who_asks()
    {
        foreach (var command in Contracts.GetTypes().Where(t => typeof(ICommand).IsAssignableFrom(t) && t.IsClass))
        {
            EndpointNames.OwnerOf(command).ShouldStartWith("EdTech.");
            command.GetProperty("By")?.PropertyType.ShouldBe(typeof(Actor), $"{command.Name} does not name its actor");
            command.GetProperty("By").ShouldNotBeNull($"{command.Name} does not name its actor");
        }
    }

    [Fact]
    public void Every_message_has_source_generated_json_that_brings_it_back_unchanged()
    {
        var contexts = MessageTypes.JsonContextsOf([Contracts]);
        foreach (var type in Contracts.GetTypes().Where(t => (typeof(ICommand).IsAssignableFrom(t) || typeof(IEvent).IsAssignableFrom(t)) && t.IsClass))
        {
            contexts.Any(c => c.GetTypeInfo(type, new System.Text.Json.JsonSerializerOptions()) is not null).ShouldBeTrue($"{type.Name} is in no JsonSerializerContext of contracts/");
        }
    }

    [Fact]
    public void Events_carry_nothing_that_must_not_travel()
    {
        string[] never = ["Password", "Secret", "Token", "Email", "CardNumber", "Phone", "Answer", "Answers"];
        foreach (var type in Contracts.GetTypes().Where(t => typeof(IEvent).IsAssignableFrom(t) && t.IsClass))
        {
            type.GetProperties().Select(p => p.Name).ShouldAllBe(name => !never.Any(n => name.Contains(n, StringComparison.OrdinalIgnoreCase)), type.Name);
        }
    }

    static string Describe()
    {
        var text = new StringBuilder();
        foreach (var domain in Contracts.GetExportedTypes().Where(t => !t.IsSubclassOf(typeof(System.Text.Json.Serialization.JsonSerializerContext))).GroupBy(t => t.Namespace).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(domain.Key).Append('\n');
            foreach (var type in domain.OrderBy(t => t.FullName, StringComparer.Ordinal))
            {
                var kind = type.IsEnum ? "enum " : typeof(ICommand).IsAssignableFrom(type) ? "command " : typeof(IEvent).IsAssignableFrom(type) ? "event " : "";
                text.Append("  ").Append(kind).Append(Name(type));
                text.Append(type.IsEnum
                    ? " { " + string.Join(", ", Enum.GetNames(type)) + " }"
                    : "(" + string.Join(", ", type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(p => $"{Name(p.PropertyType)}{(IsNullable(p) ? "?" : "")} {p.Name}")) + ")");
                text.Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    static bool IsNullable(PropertyInfo property) => !property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;

    static string Name(Type type)
        => Nullable.GetUnderlyingType(type) is { } inner ? Name(inner) + "?"
            : type.IsArray ? Name(type.GetElementType()!) + "[]"
            : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
}
