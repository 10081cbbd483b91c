namespace EdTech.Contracts;

/// <summary>An amount of money. Never a float: minor units of the currency (cents; yen for JPY, fils for KWD).</summary>
/// <param name="MinorUnits">Count of the currency's smallest unit.</param>
/// <param name="Currency">ISO 4217 code, upper case.</param>
public sealed record Money(long MinorUnits, string Currency);
