using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ScheduleSessionRequest(string? Title, DateTimeOffset? StartsAt, int? Minutes, IReadOnlyList<Guid>? StudentIds, Guid? CourseId = null);

sealed class ScheduleSessionValidator : Validator<ScheduleSessionRequest>
{
    public ScheduleSessionValidator()
    {
        RuleFor(r => r.Title).NotEmpty().MaximumLength(200);
        RuleFor(r => r.StartsAt).NotNull();
        RuleFor(r => r.Minutes).NotNull().InclusiveBetween(5, 480);
        RuleFor(r => r.StudentIds).NotEmpty().Must(s => s is null || s.Count <= 50).WithMessage("1 to 50 students.");
    }
}

sealed class ScheduleSessionEndpoint : CommandEndpoint<ScheduleSessionRequest>
{
    public override void Configure()
    {
        Post("/v1/lesson-sessions");
        Permissions("courses.author");
        Describe("Plan a live lesson", done: 201);
    }

    public override Task HandleAsync(ScheduleSessionRequest req, CancellationToken ct)
        => SendAsync(new ScheduleSession(Actor, Guid.CreateVersion7(), req.Title!.Trim(), req.CourseId, req.StartsAt!.Value, req.Minutes!.Value, req.StudentIds!), ct, done => $"/v1/lesson-sessions/{done.Id}");
}
