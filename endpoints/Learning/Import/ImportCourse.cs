using System.Security.Cryptography;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>
/// Takes a course archive as the request's body and makes a draft course of it: course, lessons and report in one transaction, so that a
/// crash leaves all or nothing and a repeat under the same id finds what the first one made.
/// </summary>
static class ImportCourse
{
    const long MaxArchiveBytes = 64 << 20;
    static readonly TimeSpan MaxWaitForTurn = TimeSpan.FromSeconds(8);

    // An archive may take 64 MB of memory and a core for seconds: two at a time, the others wait.
    static readonly SemaphoreSlim Turns = new(2);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/learning/imports", Handle);

    static async Task<IResult> Handle(HttpContext http, ITransactionalSession session, NpgsqlDataSource db, CancellationToken ct)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MaxArchiveBytes;
        if (!await Turns.WaitAsync(MaxWaitForTurn, ct))
        {
            http.Response.Headers.RetryAfter = "10";
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            var (course, hash) = await ReadCourse(http.Request.Body, ct);
            var actor = http.Actor();
            var messageId = http.Request.Headers[InternalApi.MessageIdHeader] is { Count: 1 } given ? given.ToString() : Guid.CreateVersion7().ToString();
            var reply = await session.Run(messageId, actor.Id, hash, context => Store(course, hash, actor, context), ct);
            var importId = reply is Done done ? done.Id : throw new InvalidOperationException($"Import {messageId} was answered by {reply?.GetType().Name ?? "nothing"} instead of Done. Look for another write under the same message id.");

            await using var connection = await db.OpenConnectionAsync(ct);
            return Results.Ok(await GetCourseImport.Find(connection, importId, actor));
        }
        catch (ImportRefusedException e)
        {
            return InternalApi.Refuse(RefusalKind.Invalid, e.Code, e.Message);
        }
        finally
        {
            Turns.Release();
        }
    }

    static async Task<(ImportedCourse Course, string Hash)> ReadCourse(Stream body, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var hashed = new HashingStream(body, hash);
        var archive = await CourseArchive.Read(hashed, new ArchiveLimits(), ct);
        await hashed.CopyToAsync(Stream.Null, ct);
        return (OlxImport.Map(OlxCourse.Read(archive), Guid.CreateVersion7), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    static async Task Store(ImportedCourse course, string hash, Actor actor, IMessageHandlerContext context)
    {
        var (importId, courseId) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await InsertCourse(courseId, course.Details.Title, actor, context);
        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_version (course_id, version, details, outline)
            VALUES (@courseId, 1, @Details::jsonb, @Outline::jsonb)
            """,
            new { courseId, Details = StoredJson.Write(course.Details), Outline = StoredJson.Write(course.Outline) });
        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.lesson_revision (lesson_id, revision, course_id, content, created_at)
            SELECT lesson_id, 1, @courseId, content::jsonb, @Now
            FROM unnest(@Lessons, @Contents) AS lesson (lesson_id, content)
            """,
            new { courseId, context.Now, Lessons = course.Lessons.Select(l => l.LessonId).ToArray(), Contents = course.Lessons.Select(l => StoredJson.Write(l.Content)).ToArray() });
        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_import (import_id, owner_id, course_id, archive_sha256, report, imported_at)
            VALUES (@importId, @OwnerId, @courseId, @hash, @Report::jsonb, @Now)
            """,
            new { importId, OwnerId = actor.Id, courseId, hash, Report = StoredJson.Write(course.Report), context.Now });
        await context.Db.ExecuteAsync(
            """
            INSERT INTO learning.course_history (course_id, actor_id, what, edit, message_id, occurred_at)
            VALUES (@courseId, @ActorId, 'ImportCourse', 1, @MessageId, @Now)
            """,
            new { courseId, ActorId = actor.Id, context.MessageId, context.Now });
        await context.Reply(new Done(importId, 1));
    }

    static async Task InsertCourse(Guid courseId, string title, Actor actor, IMessageHandlerContext context)
    {
        foreach (var slug in CourseSlug.Candidates(title, courseId))
        {
            // Two courses of one title may come at once: the second waits here and takes the next slug.
            var inserted = await context.Db.ExecuteAsync(
                """
                INSERT INTO learning.course (course_id, tutor_id, slug, draft_version, created_at)
                VALUES (@courseId, @TutorId, @slug, 1, @Now)
                ON CONFLICT ON CONSTRAINT course_slug_is_taken DO NOTHING
                """,
                new { courseId, TutorId = actor.Id, slug, context.Now });
            if (inserted == 1) return;
        }

        throw new InvalidOperationException($"Course {courseId} found every slug taken, also the one that ends with its own id. Look for a course that was stored under another id.");
    }

    /// <summary>Hashes what is read through it.</summary>
    sealed class HashingStream(Stream inner, IncrementalHash hash) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            hash.AppendData(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Archives are read asynchronously.");
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
