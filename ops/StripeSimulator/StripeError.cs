using System.Buffers;
using System.Text.Json;

namespace EdTech.StripeSimulator;

/// <summary>An answer other than success, in Stripe's form. Thrown before anything has changed, except for declined cards.</summary>
sealed class StripeError(int status, string type, string? code, string message, string? param = null) : Exception(message)
{
    public int Status => status;
    public string Type => type;
    public string? Code => code;
    public string? Param => param;
    public string? DeclineCode { get; init; }
    public string? Charge { get; init; }
    public StripeObject? PaymentIntent { get; init; }
    public StripeObject? PaymentMethod { get; init; }

    /// <summary>Whether the operation had begun: such answers are kept under the idempotency key, failed checks of the request are not.</summary>
    public bool Kept { get; init; }

    public static StripeError Invalid(string message, string? param = null, string? code = null) => new(400, "invalid_request_error", code, message, param);

    /// <summary>A request that was well formed and that the state of things refuses.</summary>
    public static StripeError Refused(string code, string message, string? param = null) => new(400, "invalid_request_error", code, message, param) { Kept = true };

    public static StripeError Missing(string param) => Invalid($"Missing required param: {param}.", param, "parameter_missing");

    public static StripeError NotFound(string what, string id, string param = "id") => new(404, "invalid_request_error", "resource_missing", $"No such {what}: '{id}'", param);

    /// <summary>An object that a parameter names: Stripe answers 400 there, and 404 where the path names it.</summary>
    public static StripeError NoSuch(string what, string id, string param) => new(400, "invalid_request_error", "resource_missing", $"No such {what}: '{id}'", param);

    public byte[] Body(string requestId)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = SimulatorJson.Encoder }))
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            Text("charge", Charge);
            Text("code", code);
            Text("decline_code", DeclineCode);
            Text("doc_url", code is null ? null : $"https://stripe.com/docs/error-codes/{code.Replace('_', '-')}");
            Text("message", Message);
            Text("param", param);
            Nested("payment_intent", PaymentIntent);
            Nested("payment_method", PaymentMethod);
            Text("request_log_url", $"https://dashboard.stripe.com/test/logs/{requestId}");
            Text("type", type);
            json.WriteEndObject();
            json.WriteEndObject();

            void Text(string name, string? value)
            {
                if (value is not null)
                {
                    json.WriteString(name, value);
                }
            }

            void Nested(string name, StripeObject? value)
            {
                if (value is not null)
                {
                    json.WritePropertyName(name);
                    JsonSerializer.Serialize(json, value, SimulatorJson.OnTheWire(value.GetType()));
                }
            }
        }

        return buffer.WrittenSpan.ToArray();
    }
}
