using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record RevisePathRequest([property: RouteParam] Guid PathId, string? Title, IReadOnlyList<PathStep>? Steps, string? Summary = null);

sealed class RevisePathValidator : Validator<RevisePathRequest>
{
    public RevisePathValidator()
    {
        RuleFor(r => r.Title).NotEmpty().MaximumLength(200);
        RuleFor(r => r.Summary).MaximumLength(500);
        RuleFor(r => r.Steps).NotEmpty().Must(s => s is null || s.Count <= 50).WithMessage("A path has at most 50 courses.");
        RuleForEach(r => r.Steps).NotNull().SetValidator(new PathStepValidator());
    }
}

sealed class RevisePathEndpoint : CommandEndpoint<RevisePathRequest>
{
    public override void Configure()
    {
        Put("/v1/paths/{pathId}");
        Permissions("paths.author");
        Describe("Change a learning path");
    }

    public override Task HandleAsync(RevisePathRequest req, CancellationToken ct)
        => SendAsync(new RevisePath(Actor, req.PathId, IfMatch, req.Title!.Trim(), req.Summary?.Trim() ?? "", req.Steps!), ct);
}
