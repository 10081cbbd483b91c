using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace EdTech.StripeSimulator;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Customer))]
[JsonSerializable(typeof(PaymentMethod))]
[JsonSerializable(typeof(PaymentIntent))]
[JsonSerializable(typeof(Charge))]
[JsonSerializable(typeof(Refund))]
[JsonSerializable(typeof(BalanceTransaction))]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(AccountLink))]
[JsonSerializable(typeof(LoginLink))]
[JsonSerializable(typeof(DeletedAccount))]
[JsonSerializable(typeof(BankAccount))]
[JsonSerializable(typeof(Transfer))]
[JsonSerializable(typeof(TransferReversal))]
[JsonSerializable(typeof(Payout))]
[JsonSerializable(typeof(Dispute))]
sealed partial class StripeTypes : JsonSerializerContext;

/// <summary>How objects are written: for clients, and for the journal.</summary>
static class SimulatorJson
{
    /// <summary>Properties of this prefix are the simulator's own: in the journal, never on the wire.</summary>
    public const string Own = "sim_";

    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    static readonly JsonSerializerOptions Wire = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = Encoder,
        TypeInfoResolver = StripeTypes.Default.WithAddedModifier(static type =>
        {
            for (var i = type.Properties.Count - 1; i >= 0; i--)
            {
                if (type.Properties[i].Name.StartsWith(Own, StringComparison.Ordinal))
                {
                    type.Properties.RemoveAt(i);
                }
            }
        }),
    };

    // What follows from other properties is not written twice.
    static readonly JsonSerializerOptions Kept = new() { IgnoreReadOnlyProperties = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = Encoder, TypeInfoResolver = StripeTypes.Default };

    public static JsonTypeInfo OnTheWire(Type type) => Wire.GetTypeInfo(type);

    public static JsonTypeInfo InTheJournal(Type type) => Kept.GetTypeInfo(type);
}
