using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdTech.StripeSimulator;

/// <summary>The parameters of a request as Stripe writes them: <c>metadata[order]=7</c>, <c>expand[]=customer</c>, <c>created[gte]=1</c>.</summary>
sealed class FormParameters
{
    readonly List<(string Name, string Value)> _pairs = [];

    public static FormParameters Parse(string encoded)
    {
        var form = new FormParameters();
        foreach (var part in encoded.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? part : part[..equals]);
            if (name.Length > 500)
            {
                throw StripeError.Invalid("A parameter's name is longer than 500 characters.");
            }

            form._pairs.Add((name, equals < 0 ? "" : Decode(part[(equals + 1)..])));
        }

        return form;
    }

    static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    public bool Has(string name) => _pairs.Exists(pair => pair.Name == name || pair.Name.StartsWith(name + "[", StringComparison.Ordinal));

    /// <summary>The value, null where it is absent or empty (Stripe unsets by an empty value).</summary>
    public string? Text(string name) => Given(name) is { Length: > 0 } value ? value : null;

    /// <summary>The value, empty included.</summary>
    public string? Given(string name)
    {
        foreach (var pair in _pairs)
        {
            if (pair.Name == name)
            {
                return pair.Value;
            }
        }

        return null;
    }

    public string Needed(string name) => Text(name) ?? throw StripeError.Missing(name);

    public long? Number(string name)
        => Text(name) is not { } text
            ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw StripeError.Invalid($"Invalid integer: {text}", name, "parameter_invalid_integer");

    public bool? Flag(string name) => Text(name) switch
    {
        null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        var other => throw StripeError.Invalid($"Invalid boolean: {other}", name),
    };

    public string? OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        var value = Text(name);
        return value is null || allowed.Contains(value)
            ? value
            : throw StripeError.Invalid($"Invalid {name}: must be one of {string.Join(", ", allowed)}", name);
    }

    /// <summary>Values of <c>name[]</c>, or of <c>name[0]</c>, <c>name[1]</c>.</summary>
    public List<string> List(string name)
    {
        var values = new List<string>();
        foreach (var pair in _pairs)
        {
            if (pair.Name.StartsWith(name + "[", StringComparison.Ordinal) && pair.Name.IndexOf(']', StringComparison.Ordinal) == pair.Name.Length - 1)
            {
                values.Add(pair.Value);
            }
        }

        return values;
    }

    /// <summary>Entries <c>name[key]=value</c>; the key is the text between the outer brackets.</summary>
    public IEnumerable<(string Key, string Value)> Entries(string name)
    {
        foreach (var pair in _pairs)
        {
            if (pair.Name.StartsWith(name + "[", StringComparison.Ordinal) && pair.Name.EndsWith(']'))
            {
                yield return (pair.Name[(name.Length + 1)..^1], pair.Value);
            }
        }
    }

    /// <summary>What becomes of metadata: given keys are set, keys given as empty are removed, an empty <c>metadata</c> removes all.</summary>
    public Dictionary<string, string> Metadata(Dictionary<string, string>? current = null)
    {
        if (Text("metadata") is { } text)
        {
            throw StripeError.Invalid($"Invalid object: {text}", "metadata");
        }

        var metadata = Given("metadata") == "" ? [] : new Dictionary<string, string>(current ?? []);
        foreach (var (key, value) in Entries("metadata"))
        {
            if (key.Length > 40)
            {
                throw StripeError.Invalid($"Metadata keys can have up to 40 characters; you passed in {key.Length}.", "metadata");
            }

            if (value.Length > 500)
            {
                throw StripeError.Invalid($"Metadata values can have up to 500 characters, but you passed in a value that is {value.Length} characters. Invalid value: {value}", $"metadata[{key}]");
            }

            if (value.Length == 0)
            {
                metadata.Remove(key);
            }
            else
            {
                metadata[key] = value;
            }
        }

        return metadata.Count <= 50 ? metadata : throw StripeError.Invalid("You can have up to 50 metadata keys.", "metadata");
    }

    public void RejectUnknown(IReadOnlySet<string> known)
    {
        foreach (var pair in _pairs)
        {
            var bracket = pair.Name.IndexOf('[', StringComparison.Ordinal);
            var top = bracket < 0 ? pair.Name : pair.Name[..bracket];
            if (!known.Contains(top))
            {
                throw StripeError.Invalid($"Received unknown parameter: {top}", top, "parameter_unknown");
            }
        }
    }

    /// <summary>Raw card numbers are refused by name before anything reads them, so that none is ever kept or logged.</summary>
    public void RejectCardNumbers()
    {
        if (_pairs.Exists(pair => pair.Name is "number" or "cvc" || pair.Name.EndsWith("[number]", StringComparison.Ordinal) || pair.Name.EndsWith("[cvc]", StringComparison.Ordinal)))
        {
            throw new StripeError(402, "invalid_request_error", null, "Sending credit card numbers directly to the Stripe API is generally unsafe. Use test payment methods such as pm_card_visa, or Stripe.js in the browser.");
        }
    }

    /// <summary>The same for the same parameters, in whatever order they were sent.</summary>
    public string Fingerprint(string method, string path)
    {
        var text = new StringBuilder(method).Append(' ').Append(path);
        foreach (var pair in _pairs.OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal))
        {
            text.Append('\n').Append(pair.Name).Append('=').Append(pair.Value);
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())), 0, 16);
    }
}
