using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EdTech.StripeSimulator;

/// <summary>
/// <c>expand[]</c>: ids in an answer become the objects that they name, along paths such as <c>latest_charge.balance_transaction</c>.
/// Rendered objects are set into the rendered answer where the ids stood, without a tree in between: most of our answers are expanded.
/// </summary>
static class Expansion
{
    const int MostLevels = 4;

    public static byte[] Render(Simulation simulation, StripeObject answer, List<string> paths)
    {
        if (paths.Find(path => path.Count(c => c == '.') >= MostLevels) is { } deep)
        {
            throw StripeError.Invalid($"You cannot expand more than {MostLevels} levels of a property ({deep}).", "expand");
        }

        var output = new ArrayBufferWriter<byte>(4096);
        Expand(simulation, Rendered(answer), [.. paths.Select(path => (path, path))], output);
        return output.WrittenSpan.ToArray();
    }

    static byte[] Rendered(StripeObject value) => JsonSerializer.SerializeToUtf8Bytes(value, SimulatorJson.OnTheWire(value.GetType()));

    /// <summary>Copies the object, with its properties that the paths begin with replaced. <c>Asked</c> is the whole path, for errors.</summary>
    static void Expand(Simulation simulation, ReadOnlySpan<byte> json, List<(string Path, string Asked)> paths, ArrayBufferWriter<byte> output)
    {
        var copied = 0;
        var found = 0;
        var names = paths.ConvertAll(path => path.Path.Split('.')[0]);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = null;
            foreach (var candidate in names)
            {
                if (reader.ValueTextEquals(candidate))
                {
                    name = candidate;
                    break;
                }
            }

            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (name is null)
            {
                continue;
            }

            found += names.Count(other => other == name);
            var rest = paths.Where((_, i) => names[i] == name).Select(path => (Path: path.Path.Length == name.Length ? "" : path.Path[(name.Length + 1)..], path.Asked)).ToList();
            output.Write(json[copied..start]);
            copied = (int)reader.BytesConsumed;
            Replace(simulation, json[start..copied], rest, output);
        }

        if (found == paths.Count)
        {
            output.Write(json[copied..]);
            return;
        }

        // A charge carries its refunds only where they are asked for.
        var charge = ChargeOf(json);
        var absent = new List<(string Path, string Asked)>();
        for (var i = 0; i < paths.Count; i++)
        {
            if (!Has(json, names[i]))
            {
                absent.Add(names[i] == "refunds" && charge is not null ? (paths[i].Path["refunds".Length..].TrimStart('.'), paths[i].Asked) : throw Refused(paths[i].Asked));
            }
        }

        output.Write(json[copied..^1]);
        output.Write(",\"refunds\":"u8);
        Replace(simulation, Refunds(simulation, charge!), absent, output);
        output.Write("}"u8);
    }

    static void Replace(Simulation simulation, ReadOnlySpan<byte> value, List<(string Path, string Asked)> rest, ArrayBufferWriter<byte> output)
    {
        var deeper = rest.FindAll(path => path.Path.Length > 0);
        switch (value[0])
        {
            case (byte)'n':
                output.Write(value);
                break;
            case (byte)'"':
                var id = Encoding.UTF8.GetString(value[1..^1]);
                Expand(simulation, Rendered(simulation.Find(id) ?? throw Refused(rest[0].Asked)), deeper, output);
                break;
            case (byte)'{' when deeper.Count > 0:
                Expand(simulation, value, deeper, output);
                break;
            case (byte)'[' when deeper.Count > 0:
                ExpandEach(simulation, value, deeper, output);
                break;
            case (byte)'{' or (byte)'[':
                output.Write(value);
                break;
            default:
                throw Refused(rest[0].Asked);
        }
    }

    static void ExpandEach(Simulation simulation, ReadOnlySpan<byte> array, List<(string Path, string Asked)> paths, ArrayBufferWriter<byte> output)
    {
        var copied = 0;
        var reader = new Utf8JsonReader(array);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            output.Write(array[copied..start]);
            copied = (int)reader.BytesConsumed;
            Replace(simulation, array[start..copied], paths, output);
        }

        output.Write(array[copied..]);
    }

    static bool Has(ReadOnlySpan<byte> json, string name)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }

            reader.Read();
            reader.Skip();
        }

        return false;
    }

    static string? ChargeOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var parsed = JsonDocument.ParseValue(ref reader);
        return parsed.RootElement.TryGetProperty("object", out var kind) && kind.GetString() == "charge" ? parsed.RootElement.GetProperty("id").GetString() : null;
    }

    static byte[] Refunds(Simulation simulation, string charge)
    {
        var all = simulation.Refunds.With(0, charge);
        var newest = all.AsEnumerable().Reverse().Take(10).Select(refund => Encoding.UTF8.GetString(Rendered(refund)));
        return Encoding.UTF8.GetBytes($$"""{"object":"list","data":[{{string.Join(',', newest)}}],"has_more":{{(all.Count > 10 ? "true" : "false")}},"url":"/v1/charges/{{charge}}/refunds"}""");
    }

    static StripeError Refused(string path) => StripeError.Invalid($"This property cannot be expanded ({path}).", "expand");
}
