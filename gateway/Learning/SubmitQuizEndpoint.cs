using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record SubmitQuizRequest([property: RouteParam] Guid AttemptId, IReadOnlyList<QuestionAnswer>? Answers);

sealed class SubmitQuizValidator : Validator<SubmitQuizRequest>
{
    public SubmitQuizValidator()
    {
        RuleFor(r => r.Answers).NotNull().Must(a => a is null || a.Count <= 200).WithMessage("A quiz has at most 200 questions.");
        RuleForEach(r => r.Answers).NotNull().SetValidator(new QuestionAnswerValidator());
    }
}

sealed class SubmitQuizEndpoint : CommandEndpoint<SubmitQuizRequest>
{
    public override void Configure()
    {
        Post("/v1/attempts/{attemptId}/submission");
        Permissions("learn");
        Describe("Hand in an attempt and have it graded");
    }

    public override Task HandleAsync(SubmitQuizRequest req, CancellationToken ct)
        => SendAsync(new SubmitQuiz(Actor, req.AttemptId, req.Answers!), ct);
}
