using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace EdTech.StripeSimulator;

/// <summary>What all objects have: Stripe's id, and the simulator's own notes about them.</summary>
abstract class StripeObject
{
    [JsonPropertyOrder(-1)]
    public string Id { get; set; } = "";

    /// <summary>The connected account that it belongs to; null is the platform.</summary>
    [JsonPropertyName(SimulatorJson.Own + "owner")]
    public string? Owner { get; set; }

    /// <summary>Its place in the order of creation, by which lists page.</summary>
    [JsonPropertyName(SimulatorJson.Own + "sequence")]
    public long Sequence { get; set; }

    /// <summary>When the clock must look at it again, in seconds.</summary>
    [JsonPropertyName(SimulatorJson.Own + "due")]
    public long? Due { get; set; }

    public static string NewId(string prefix) => prefix + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 24);
}

/// <summary>Objects that carry a time of creation, by which lists filter.</summary>
interface IDated
{
    long Created { get; }
}

sealed class Address
{
    public string? City { get; set; }
    public string? Country { get; set; }
    [JsonPropertyName("line1")]
    public string? Line1 { get; set; }
    [JsonPropertyName("line2")]
    public string? Line2 { get; set; }
    public string? PostalCode { get; set; }
    public string? State { get; set; }

    public static Address? Read(FormParameters form, string name)
        => form.Has(name)
            ? new Address
            {
                City = form.Text($"{name}[city]"),
                Country = form.Text($"{name}[country]"),
                Line1 = form.Text($"{name}[line1]"),
                Line2 = form.Text($"{name}[line2]"),
                PostalCode = form.Text($"{name}[postal_code]"),
                State = form.Text($"{name}[state]"),
            }
            : null;
}

sealed class BillingDetails
{
    public Address Address { get; set; } = new();
    public string? Email { get; set; }
    public string? Name { get; set; }
    public string? Phone { get; set; }
    public string? TaxId { get; set; }

    public static BillingDetails Read(FormParameters form, string name) => new()
    {
        Address = Address.Read(form, $"{name}[address]") ?? new Address(),
        Email = form.Text($"{name}[email]"),
        Name = form.Text($"{name}[name]"),
        Phone = form.Text($"{name}[phone]"),
    };
}
