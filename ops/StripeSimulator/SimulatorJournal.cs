using System.Buffers;
using System.Text.Json;

namespace EdTech.StripeSimulator;

/// <summary>One JSON line per change, handed to the operating system before the answer leaves: a killed process loses nothing.</summary>
sealed class SimulatorJournal : IDisposable
{
    readonly ArrayBufferWriter<byte> _line = new(16 * 1024);
    readonly FileStream? _file;

    public SimulatorJournal(string? path)
    {
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // No buffer of our own: what is written is the system's at once.
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
    }

    public IEnumerable<JsonElement> Read()
    {
        if (_file is null)
        {
            yield break;
        }

        _file.Position = 0;
        // A simulator killed while it wrote leaves half a line; nobody has had an answer to it.
        long whole = 0;
        using (var reader = new BinaryReader(new BufferedStream(_file, 1 << 20), System.Text.Encoding.UTF8, leaveOpen: true))
        {
            var line = new ArrayBufferWriter<byte>(1 << 16);
            var chunk = new byte[1 << 16];
            for (int count; (count = reader.Read(chunk, 0, chunk.Length)) > 0;)
            {
                var start = 0;
                for (int end; (end = Array.IndexOf(chunk, (byte)'\n', start, count - start)) >= 0; start = end + 1)
                {
                    line.Write(chunk.AsSpan(start, end - start));
                    whole += line.WrittenCount + 1;
                    using (var document = JsonDocument.Parse(line.WrittenMemory))
                    {
                        yield return document.RootElement;
                    }

                    line.ResetWrittenCount();
                }

                line.Write(chunk.AsSpan(start, count - start));
            }
        }

        _file.SetLength(whole);
        _file.Position = whole;
    }

    public void Append(Action<Utf8JsonWriter> write)
    {
        if (_file is null)
        {
            return;
        }

        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = SimulatorJson.Encoder, SkipValidation = true }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        "\n"u8.CopyTo(_line.GetSpan(1));
        _line.Advance(1);
        _file.Write(_line.WrittenSpan);
    }

    public void Clear()
    {
        _file?.SetLength(0);
        _file?.Position = 0;
    }

    public void Dispose() => _file?.Dispose();
}
