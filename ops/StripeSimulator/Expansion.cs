using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdTech.StripeSimulator;

/// <summary><c>expand[]</c>: ids in an answer become the objects that they name, along paths such as <c>latest_charge.balance_transaction</c>.</summary>
static class Expansion
{
    public static byte[] Render(Simulation simulation, StripeObject answer, List<string> paths)
    {
        var root = Node(answer);
        foreach (var path in paths)
        {
            var steps = path.Split('.');
            if (steps.Length > 4)
            {
                throw StripeError.Invalid($"You cannot expand more than 4 levels of a property ({path}).", "expand");
            }

            Expand(simulation, root, steps, path);
        }

        return Encoding.UTF8.GetBytes(root.ToJsonString(Relaxed));
    }

    static readonly JsonSerializerOptions Relaxed = new() { Encoder = SimulatorJson.Encoder };

    static void Expand(Simulation simulation, JsonNode node, ReadOnlySpan<string> steps, string path)
    {
        if (steps.IsEmpty)
        {
            return;
        }

        if (node is JsonArray array)
        {
            foreach (var entry in array)
            {
                Expand(simulation, entry!, steps, path);
            }

            return;
        }

        var owner = node.AsObject();
        var name = steps[0];
        if (name == "refunds" && owner["object"]?.GetValue<string>() == "charge" && owner[name] is null)
        {
            owner[name] = RefundsOf(simulation, owner["id"]!.GetValue<string>());
        }

        if (!owner.TryGetPropertyValue(name, out var value))
        {
            throw StripeError.Invalid($"This property cannot be expanded ({path}).", "expand");
        }

        switch (value)
        {
            case null:
                return;
            case JsonArray { Count: > 0 } ids when ids[0] is JsonValue:
                for (var i = 0; i < ids.Count; i++)
                {
                    ids[i] = Resolve(simulation, ids[i]!.GetValue<string>(), path);
                }

                value = ids;
                break;
            case JsonValue id when id.GetValueKind() == JsonValueKind.String:
                owner[name] = value = Resolve(simulation, id.GetValue<string>(), path);
                break;
            case JsonValue:
                throw StripeError.Invalid($"This property cannot be expanded ({path}).", "expand");
        }

        Expand(simulation, value, steps[1..], path);
    }

    static JsonNode Resolve(Simulation simulation, string id, string path)
        => simulation.Find(id) is { } found ? Node(found) : throw StripeError.Invalid($"This property cannot be expanded ({path}).", "expand");

    static JsonNode RefundsOf(Simulation simulation, string charge) => new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. simulation.Refunds.With(0, charge).AsEnumerable().Reverse().Take(10).Select(Node)]),
        ["has_more"] = simulation.Refunds.With(0, charge).Count > 10,
        ["url"] = $"/v1/charges/{charge}/refunds",
    };

    static JsonNode Node(StripeObject value) => JsonSerializer.SerializeToNode(value, SimulatorJson.OnTheWire(value.GetType()))!;
}
