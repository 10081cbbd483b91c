using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record CreatePathRequest(string? Title, IReadOnlyList<PathStep>? Steps, string? Summary = null);

sealed class CreatePathValidator : Validator<CreatePathRequest>
{
    public CreatePathValidator()
    {
        RuleFor(r => r.Title).NotEmpty().MaximumLength(200);
        RuleFor(r => r.Summary).MaximumLength(500);
        RuleFor(r => r.Steps).NotEmpty().Must(s => s is null || s.Count <= 50).WithMessage("A path has at most 50 courses.");
        RuleForEach(r => r.Steps).NotNull().SetValidator(new PathStepValidator());
    }
}

sealed class CreatePathEndpoint : CommandEndpoint<CreatePathRequest>
{
    public override void Configure()
    {
        Post("/v1/paths");
        Permissions("paths.author");
        Describe("Draft a learning path", done: 201);
    }

    public override Task HandleAsync(CreatePathRequest req, CancellationToken ct)
        => SendAsync(new CreatePath(Actor, Guid.CreateVersion7(), req.Title!.Trim(), req.Summary?.Trim() ?? "", req.Steps!), ct, done => $"/v1/paths/{done.Id}");
}
