using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using EdTech.PlatformTesting;
using EdTech.Tools;
using Shouldly;

namespace EdTech.Journeys;

/// <summary>kill -9 while an archive becomes a course: all of it is there or nothing, and a repeat under the same key makes no second one.</summary>
public sealed class ImportSurvivesKill : IAsyncLifetime
{
    const int Lessons = 1_000;
    PlatformUnderTest _platform = null!;

    public async ValueTask InitializeAsync() => _platform = await PlatformUnderTest.StartProcess(("EDTECH_RATE_LIMIT", "1000000"));

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task A_repeated_upload_makes_one_whole_course()
    {
        var tutor = await Person.Register(_platform, tutor: true);
        var archive = await Archive();

        // While the archive is read: everything of it has been sent, nothing is stored yet.
        var upload = Upload(tutor, archive, out var sent);
        await sent;
        await _platform.Kill();
        (await upload).ShouldBeNull();
        await _platform.Restart();

        // As soon as the course can be seen: it is stored, the answer is not given yet.
        upload = Upload(tutor, archive, out _);
        while (!upload.IsCompleted && await Authored(tutor) is { Count: 0 })
        {
        }

        await _platform.Kill();
        await upload;
        await _platform.Restart();

        var import = await Upload(tutor, archive, out _);
        var course = (await Authored(tutor)).ShouldHaveSingleItem();
        ((string)course!["courseId"]!).ShouldBe((string)import!["courseId"]!);
        ((int)course["lessons"]!).ShouldBe(Lessons);
    }

    static async Task<JsonArray> Authored(Person tutor) => (await tutor.Get("/v1/me/courses-authored"))["items"]!.AsArray();

    /// <summary>The import, or null when the platform died meanwhile.</summary>
    Task<JsonNode?> Upload(Person tutor, byte[] archive, out Task sent)
    {
        var stream = new Announcing(archive);
        sent = stream.ReadToEnd;
        return Send(tutor, stream);
    }

    async Task<JsonNode?> Send(Person tutor, Announcing archive)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/imports") { Content = new MultipartFormDataContent { { new StreamContent(archive), "file", "course.tar.gz" } } };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tutor.AccessToken);
        request.Headers.Add("Idempotency-Key", "the-only-one");
        try
        {
            using var response = await _platform.Http.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.Created);
            return JsonNode.Parse(await response.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    static async Task<byte[]> Archive()
    {
        var units = string.Concat(Enumerable.Range(1, Lessons).Select(i => string.Create(CultureInfo.InvariantCulture, $"<vertical display_name='Unit {i}'><html>{new string('x', 500)} {i}</html></vertical>")));
        var folder = Directory.CreateTempSubdirectory("olx");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "course.xml"), $"<course display_name='Long' url_name='run'><chapter display_name='One'><sequential display_name='All'>{units}</sequential></chapter></course>");
        var archive = await ImportCommand.Pack(folder.FullName, CancellationToken.None);
        folder.Delete(recursive: true);
        return archive;
    }

    /// <summary>Tells when all of it has been read.</summary>
    sealed class Announcing(byte[] bytes) : MemoryStream(bytes)
    {
        readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task ReadToEnd => _read.Task;

        public override int Read(byte[] buffer, int offset, int count) => Announce(base.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Announce(await base.ReadAsync(buffer, cancellationToken));

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            await base.CopyToAsync(destination, bufferSize, cancellationToken);
            await destination.FlushAsync(cancellationToken);
            _read.TrySetResult();
        }

        int Announce(int read)
        {
            if (read == 0) _read.TrySetResult();
            return read;
        }
    }
}
