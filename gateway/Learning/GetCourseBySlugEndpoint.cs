using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record GetCourseBySlugRequest([property: RouteParam] string Slug, [property: QueryParam] string? Version);

sealed class GetCourseBySlugValidator : Validator<GetCourseBySlugRequest>
{
    public GetCourseBySlugValidator()
    {
        RuleFor(r => r.Slug).NotEmpty().MaximumLength(200);
        RuleFor(r => r.Version).Must(v => v is null or "draft" or "published").WithMessage("draft or published.");
    }
}

sealed class GetCourseBySlugEndpoint : QueryEndpoint<GetCourseBySlugRequest, CourseView>
{
    public override void Configure()
    {
        Get("/v1/courses/by-slug/{slug}");
        AllowAnonymous();
        Describe("Read a course by its readable address");
    }

    public override Task HandleAsync(GetCourseBySlugRequest req, CancellationToken ct)
        => ForwardAsync(
            "learning",
            WithQuery($"/internal/learning/courses/by-slug/{Uri.EscapeDataString(req.Slug)}", ("version", req.Version)),
            ct,
            Actor.Id == Guid.Empty ? new Cache(CacheEvictions.Catalogue) : null);
}
