using System.Buffers.Binary;
using System.Buffers.Text;
using EdTech.Contracts;
using Microsoft.AspNetCore.Http;

namespace EdTech.Hosting;

/// <summary>A place in a list that is ordered by an instant and an id, both descending: the cursor points behind the last row of a page.</summary>
/// <param name="Before">The instant of the last row seen, UTC; null at the beginning.</param>
/// <param name="BeforeId">The id of the last row seen.</param>
/// <param name="Limit">Rows of a page, 1 to 100.</param>
public sealed record NewestFirst(DateTime? Before, Guid? BeforeId, int Limit)
{
    const int MaxLimit = 100;

    /// <summary>One row more than asked tells whether there is a next page.</summary>
    public int Fetch => Limit + 1;

    /// <summary>Reads <c>cursor</c> and <c>limit</c>; null when the cursor is none of ours.</summary>
    public static NewestFirst? Read(string? cursor, int? limit)
    {
        var size = Math.Clamp(limit ?? 20, 1, MaxLimit);
        if (string.IsNullOrEmpty(cursor))
            return new NewestFirst(null, null, size);

        Span<byte> bytes = stackalloc byte[24];
        if (cursor.Length != 32 || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written) || written != 24)
            return null;
        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks
            ? null
            : new NewestFirst(new DateTime(ticks, DateTimeKind.Utc), new Guid(bytes[8..], bigEndian: true), size);
    }

    /// <summary>The answer to a cursor that is none of ours.</summary>
    public static IResult BadCursor()
        => Results.Json(
            new Refused(RefusalKind.Invalid, "cursor.malformed", "The cursor is not one that a page of this list has given.", new Dictionary<string, string>(StringComparer.Ordinal) { ["cursor"] = "Take it from 'next' unchanged." }),
            statusCode: StatusCodes.Status400BadRequest);

    /// <summary>A page of at most <see cref="Limit"/> of the rows, with the cursor of the next where there are more.</summary>
    public Page<TView> Page<TRow, TView>(List<TRow> rows, Func<TRow, TView> view, Func<TRow, (DateTime At, Guid Id)> key)
        => new([.. rows.Take(Limit).Select(view)], rows.Count > Limit ? Cursor(key(rows[Limit - 1])) : null);

    static string Cursor((DateTime At, Guid Id) key)
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key.At.Ticks);
        key.Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}
