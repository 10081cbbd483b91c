using System.Numerics;
using System.Text;

namespace EdTech.Learning;

/// <summary>Base 58 in Bitcoin's alphabet, as multibase writes it behind a <c>z</c>.</summary>
static class Base58
{
    const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    public static string Multibase(ReadOnlySpan<byte> bytes)
    {
        var number = new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var text = new StringBuilder();
        while (number > 0)
        {
            number = BigInteger.DivRem(number, 58, out var digit);
            text.Insert(0, Alphabet[(int)digit]);
        }

        // A leading zero byte has no weight, so each is written as the digit zero.
        foreach (var b in bytes)
        {
            if (b != 0)
                break;
            text.Insert(0, Alphabet[0]);
        }

        return "z" + text;
    }

    /// <summary>The bytes, or null when the text is not multibase base58btc or longer than <paramref name="atMost"/> characters.</summary>
    public static byte[]? FromMultibase(string text, int atMost = 200)
    {
        if (text.Length is < 2 || text.Length > atMost || text[0] != 'z')
            return null;

        var number = BigInteger.Zero;
        foreach (var c in text.AsSpan(1))
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
                return null;
            number = number * 58 + digit;
        }

        var zeros = text.AsSpan(1).IndexOfAnyExcept(Alphabet[0]);
        var body = number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[zeros < 0 ? text.Length - 1 : zeros], .. body];
    }
}
