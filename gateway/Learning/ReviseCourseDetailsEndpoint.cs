using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ReviseCourseDetailsRequest(
    [property: RouteParam] Guid CourseId,
    string? Title,
    string? Summary,
    string? DescriptionHtml,
    string? Language,
    string? Level,
    IReadOnlyList<string>? Subjects,
    Money? Price,
    IReadOnlyList<Guid>? Prerequisites)
{
    public CourseDetails Details() => new(Title!, Summary ?? "", DescriptionHtml ?? "", Language!, Level!, Subjects!, Price, Prerequisites ?? []);
}

sealed class ReviseCourseDetailsValidator : Validator<ReviseCourseDetailsRequest>
{
    public ReviseCourseDetailsValidator() => RuleFor(r => r).Custom((r, context) => context.AddFaults(CourseRules.Check(r.Details())));
}

sealed class ReviseCourseDetailsEndpoint : CommandEndpoint<ReviseCourseDetailsRequest>
{
    public override void Configure()
    {
        Put("/v1/courses/{courseId}/details");
        Permissions("courses.author");
        Describe("Change what a course says of itself");
    }

    public override Task HandleAsync(ReviseCourseDetailsRequest req, CancellationToken ct)
        => SendAsync(new ReviseCourseDetails(Actor, req.CourseId, req.Details(), IfMatch), ct);
}
