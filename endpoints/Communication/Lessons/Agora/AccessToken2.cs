using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace EdTech.Communication;

/// <summary>What a token of Agora lets its bearer do: a service with its privileges, each with the seconds after the token's issue for which it holds.</summary>
abstract record AgoraService(IReadOnlyDictionary<ushort, uint> Privileges);

/// <summary>Audio and video in one channel under one number.</summary>
sealed record RtcService(string Channel, string Uid, IReadOnlyDictionary<ushort, uint> Privileges) : AgoraService(Privileges)
{
    public const ushort Join = 1;
    public const ushort PublishAudio = 2;
    public const ushort PublishVideo = 3;
    public const ushort PublishData = 4;

    public static RtcService Publisher(string channel, uint uid, uint seconds)
        => new(channel, Name(uid), new Dictionary<ushort, uint> { [Join] = seconds, [PublishAudio] = seconds, [PublishVideo] = seconds, [PublishData] = seconds });

    public static RtcService Subscriber(string channel, uint uid, uint seconds) => new(channel, Name(uid), new Dictionary<ushort, uint> { [Join] = seconds });

    /// <summary>Number 0 lets Agora choose one, and is written as no number.</summary>
    static string Name(uint uid) => uid == 0 ? "" : uid.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Signalling as one user.</summary>
sealed record RtmService(string User, IReadOnlyDictionary<ushort, uint> Privileges) : AgoraService(Privileges)
{
    public const ushort Login = 1;

    public static RtmService For(string user, uint seconds) => new(user, new Dictionary<ushort, uint> { [Login] = seconds });
}

/// <summary>
/// Agora's AccessToken2, version 007: <c>"007" + base64(zlib(signature, content))</c>. Everything is little-endian, texts and maps with their length in two
/// bytes. The content is app, time of issue, life, salt and services by their type; its HMAC-SHA256 is made with a key that comes of the certificate by
/// two more: over it with the time of issue as key, and over that with the salt as key.
/// </summary>
sealed record AccessToken2(string AppId, uint IssuedAt, uint Life, uint Salt, IReadOnlyList<AgoraService> Services)
{
    const string Version = "007";
    const ushort Rtc = 1;
    const ushort Rtm = 2;
    const int MaxLength = 4096;
    const int MaxContent = 8192;

    /// <summary>A token for now, with a salt by chance.</summary>
    public static AccessToken2 Issue(string appId, DateTimeOffset now, TimeSpan life, Func<uint, AgoraService> service)
    {
        var seconds = (uint)Math.Max(0, life.TotalSeconds);
        return new AccessToken2(appId, (uint)now.ToUnixTimeSeconds(), seconds, (uint)RandomNumberGenerator.GetInt32(1, 99_999_999), [service(seconds)]);
    }

    /// <summary>The token's text.</summary>
    public string Sign(string certificate)
    {
        var content = Content();
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var head = new Packer();
            head.Bytes(Signature(certificate, content));
            zlib.Write(head.ToArray());
            zlib.Write(content);
        }

        return Version + Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }

    /// <summary>Reads a token that was signed with this certificate; null for every other text. Says nothing about its time.</summary>
    public static AccessToken2? Read(string token, string certificate)
    {
        if (token.Length > MaxLength || !token.StartsWith(Version, StringComparison.Ordinal))
            return null;
        try
        {
            var bytes = Inflate(Convert.FromBase64String(token[Version.Length..]));
            var reader = new Unpacker(bytes);
            var signature = reader.Bytes().ToArray();
            var content = bytes.AsSpan(reader.Position).ToArray();
            var read = ReadContent(new Unpacker(content));
            return read is not null && CryptographicOperations.FixedTimeEquals(signature, read.Signature(certificate, content)) ? read : null;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or ArgumentOutOfRangeException or DecoderFallbackException)
        {
            return null;
        }
    }

    byte[] Content()
    {
        var packer = new Packer();
        packer.Text(AppId);
        packer.Number(IssuedAt);
        packer.Number(Life);
        packer.Number(Salt);
        packer.Short((ushort)Services.Count);
        foreach (var service in Services.OrderBy(TypeOf))
        {
            packer.Short(TypeOf(service));
            packer.Short((ushort)service.Privileges.Count);
            foreach (var (privilege, seconds) in service.Privileges.OrderBy(p => p.Key))
            {
                packer.Short(privilege);
                packer.Number(seconds);
            }

            switch (service)
            {
                case RtcService rtc:
                    packer.Text(rtc.Channel);
                    packer.Text(rtc.Uid);
                    break;
                case RtmService rtm:
                    packer.Text(rtm.User);
                    break;
            }
        }

        return packer.ToArray();
    }

    static AccessToken2? ReadContent(Unpacker reader)
    {
        var (app, issued, life, salt) = (reader.Text(), reader.Number(), reader.Number(), reader.Number());
        var services = new List<AgoraService>();
        for (var left = reader.Short(); left > 0; left--)
        {
            var type = reader.Short();
            var privileges = new Dictionary<ushort, uint>();
            for (var more = reader.Short(); more > 0; more--)
                privileges[reader.Short()] = reader.Number();
            if (type == Rtc)
                services.Add(new RtcService(reader.Text(), reader.Text(), privileges));
            else if (type == Rtm)
                services.Add(new RtmService(reader.Text(), privileges));
            else
                return null;
        }

        return new AccessToken2(app, issued, life, salt, services);
    }

    byte[] Signature(string certificate, byte[] content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, IssuedAt);
        var key = HMACSHA256.HashData(number, Encoding.UTF8.GetBytes(certificate));
        BinaryPrimitives.WriteUInt32LittleEndian(number, Salt);
        return HMACSHA256.HashData(HMACSHA256.HashData(number, key), content);
    }

    static byte[] Inflate(byte[] packed)
    {
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        var content = new byte[MaxContent + 1];
        var length = zlib.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return length > MaxContent ? throw new InvalidDataException("A token is not that long.") : content[..length];
    }

    static ushort TypeOf(AgoraService service) => service is RtcService ? Rtc : Rtm;

    sealed class Packer
    {
        readonly List<byte> _bytes = [];

        public void Short(ushort value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void Number(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void Bytes(ReadOnlySpan<byte> value)
        {
            Short(checked((ushort)value.Length));
            _bytes.AddRange(value);
        }

        public void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

        public byte[] ToArray() => _bytes.ToArray();
    }

    sealed class Unpacker(byte[] bytes)
    {
        static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

        public int Position { get; private set; }

        public ushort Short() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

        public uint Number() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

        public ReadOnlySpan<byte> Bytes() => Take(Short());

        public string Text() => Strict.GetString(Bytes());

        ReadOnlySpan<byte> Take(int count)
        {
            var taken = bytes.AsSpan(Position, count);
            Position += count;
            return taken;
        }
    }
}
