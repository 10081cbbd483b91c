using System.Buffers.Binary;
using System.Buffers.Text;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>The last course of a page: the next one begins behind it. A larger key comes first, then a larger id.</summary>
sealed record CatalogueCursor(CatalogueSort Sort, long Key, Guid CourseId)
{
    const int Length = 25;

    /// <returns>Null when it is none of ours, or one of another order.</returns>
    public static CatalogueCursor? Read(string text, CatalogueSort sort)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Length || bytes[0] != (byte)sort)
            return null;
        return new CatalogueCursor(sort, BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), new Guid(bytes[9..], bigEndian: true));
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = (byte)Sort;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], Key);
        CourseId.TryWriteBytes(bytes[9..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}
