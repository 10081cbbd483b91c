using EdTech.Contracts.Learning;
using FluentValidation;

namespace EdTech.Gateway;

/// <summary>The shape of an answer; whether it fits its question is the quiz's to say.</summary>
sealed class QuestionAnswerValidator : AbstractValidator<QuestionAnswer>
{
    public QuestionAnswerValidator()
    {
        RuleFor(a => a.QuestionId).NotEmpty();
        RuleFor(a => a.Choices).Must(c => c is null || c.Count <= 50).WithMessage("A question has at most 50 choices.");
        RuleForEach(a => a.Choices).NotNull().MaximumLength(100);
        RuleFor(a => a.Text).MaximumLength(2_000);
    }
}
