using EdTech.Contracts.Learning;
using FluentValidation;
using FluentValidation.Results;

namespace EdTech.Gateway;

/// <summary>What the domain says about the shape of a course, as failures of a validator.</summary>
static class CourseFaults
{
    public static void AddFaults<T>(this ValidationContext<T> context, IEnumerable<Fault> faults)
    {
        foreach (var fault in faults)
            context.AddFailure(new ValidationFailure(fault.Field, fault.Message) { ErrorCode = "invalid" });
    }
}
