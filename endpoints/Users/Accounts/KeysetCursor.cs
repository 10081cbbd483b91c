using System.Buffers.Binary;
using System.Buffers.Text;

namespace EdTech.Users;

/// <summary>Where a page ended: the last row's time and id.</summary>
static class KeysetCursor
{
    const int Bytes = 24;

    public static string Write(DateTime at, Guid id)
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.Ticks);
        id.TryWriteBytes(bytes.AsSpan(8), bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False when the cursor is not one of ours; no cursor at all is the first page.</summary>
    public static bool TryRead(string? cursor, out (DateTime At, Guid Id)? after)
    {
        after = null;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        var bytes = new byte[Bytes];
        if (cursor.Length != 32 || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written) || written != Bytes)
        {
            return false;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        after = (new DateTime(ticks, DateTimeKind.Utc), new Guid(bytes.AsSpan(8), bigEndian: true));
        return true;
    }
}
