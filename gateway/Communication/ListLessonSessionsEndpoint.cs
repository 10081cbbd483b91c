using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListLessonSessionsRequest([property: QueryParam] bool? Past, [property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListLessonSessionsValidator : Validator<ListLessonSessionsRequest>
{
    public ListLessonSessionsValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListLessonSessionsEndpoint : QueryEndpoint<ListLessonSessionsRequest, Page<LessonSessionView>>
{
    public override void Configure()
    {
        Get("/v1/lesson-sessions");
        Permissions("learn");
        Describe("List one's live lessons: those to come and going on, or those whose time is over");
    }

    public override Task HandleAsync(ListLessonSessionsRequest req, CancellationToken ct)
        => ForwardAsync("communication", WithQuery("/internal/communication/sessions", ("past", req.Past), ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
