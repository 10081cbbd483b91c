using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;

namespace EdTech.Gateway;

/// <summary>A course to import.</summary>
sealed class ImportCourseRequest
{
    /// <summary>The course as Open edX exports it: <c>.tar.gz</c> (or <c>.tar</c>) of OLX, at most 64 MB.</summary>
    [FormField]
    public IFormFile File { get; set; } = null!;
}

sealed class ImportCourseValidator : Validator<ImportCourseRequest>
{
    public ImportCourseValidator() => RuleFor(r => r.File).NotNull().WithMessage("A multipart field 'file' with the archive is needed.");
}

sealed class ImportCourseEndpoint : InternalWriteEndpoint<ImportCourseRequest>
{
    const long MaxArchiveBytes = 64 << 20;
    const long MaxFormBytes = MaxArchiveBytes + (64 << 10);

    public override void Configure()
    {
        Post("/v1/imports");
        Permissions("courses.author");
        AllowFileUploads();
        Options(route => route.WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes)));
        Describe<CourseImportView>("Import an Open edX course as a draft", done: 201);
    }

    public override async Task HandleAsync(ImportCourseRequest req, CancellationToken ct)
    {
        // What is larger than 64 KB lies in a temporary file by now, so that a slow upload holds no connection to the worker.
        await using var archive = req.File.OpenReadStream();
        using var content = new StreamContent(archive);
        content.Headers.ContentType = new("application/octet-stream");
        content.Headers.ContentLength = req.File.Length;
        await PostAsync<CourseImportView>("learning", "/internal/learning/imports", content, ct, status: 201, import => $"/v1/imports/{import.ImportId}");
    }
}
