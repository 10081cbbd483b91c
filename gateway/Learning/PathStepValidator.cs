using EdTech.Contracts.Learning;
using FluentValidation;

namespace EdTech.Gateway;

/// <summary>The shape of a path's step; whether its courses exist is the worker's to say.</summary>
sealed class PathStepValidator : AbstractValidator<PathStep>
{
    public PathStepValidator()
    {
        RuleFor(s => s.CourseId).NotEmpty();
        RuleFor(s => s.Requires).NotNull().Must(r => r is null || r.Count <= 50).WithMessage("A course requires at most 50 others.");
    }
}
