using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record SaveAnswersRequest([property: RouteParam] Guid AttemptId, IReadOnlyList<QuestionAnswer>? Answers);

sealed class SaveAnswersValidator : Validator<SaveAnswersRequest>
{
    public SaveAnswersValidator()
    {
        RuleFor(r => r.Answers).NotNull().Must(a => a is null || a.Count <= 200).WithMessage("A quiz has at most 200 questions.");
        RuleForEach(r => r.Answers).NotNull().SetValidator(new QuestionAnswerValidator());
    }
}

sealed class SaveAnswersEndpoint : CommandEndpoint<SaveAnswersRequest>
{
    public override void Configure()
    {
        Put("/v1/attempts/{attemptId}/answers");
        Permissions("learn");
        Describe("Keep the answers of an open attempt");
    }

    public override Task HandleAsync(SaveAnswersRequest req, CancellationToken ct)
        => SendAsync(new SaveAnswers(Actor, req.AttemptId, req.Answers!), ct);
}
