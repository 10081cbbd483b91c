using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListAttemptsRequest([property: RouteParam] Guid CourseId, [property: RouteParam] Guid LessonId, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListAttemptsValidator : Validator<ListAttemptsRequest>
{
    public ListAttemptsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListAttemptsEndpoint : QueryEndpoint<ListAttemptsRequest, Page<AttemptSummary>>
{
    public override void Configure()
    {
        Get("/v1/courses/{courseId}/lessons/{lessonId}/attempts");
        Permissions("learn");
        Describe("List one's attempts at a quiz");
    }

    public override Task HandleAsync(ListAttemptsRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery($"/internal/learning/courses/{req.CourseId}/lessons/{req.LessonId}/attempts", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
