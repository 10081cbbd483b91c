using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class QuizAttemptTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task Passing_a_quiz_completes_its_lesson()
    {
        var question = LearningFixture.SingleQuestion(points: 2);
        var learner = await Learner(question);

        var attempt = await Start(learner);
        await _worker.Done(new SubmitQuiz(learner.Student, attempt, [Choose(question, "a")]));

        var graded = await _worker.Event<QuizGraded>(e => e.AttemptId == attempt);
        (graded.Points, graded.MaxPoints, graded.Passed).ShouldBe((2, 2, true));
        (await _worker.Event<LessonCompleted>(e => e.EnrolmentId == learner.EnrolmentId)).Kind.ShouldBe(LessonKind.Quiz);
        await learning.Certificate(learner);
        (await learning.Progress(learner)).Percent.ShouldBe(100);
    }

    [Fact]
    public async Task An_attempt_shows_questions_without_keys_until_the_quiz_is_passed()
    {
        var question = LearningFixture.SingleQuestion() with { ExplanationHtml = "<p>Because.</p>" };
        var learner = await Learner(question);
        var first = await Start(learner);

        var open = await Attempt(learner, first);
        await _worker.Done(new SubmitQuiz(learner.Student, first, [Choose(question, "b")]));
        var failed = await Attempt(learner, first);
        var second = await Start(learner);
        await _worker.Done(new SubmitQuiz(learner.Student, second, [Choose(question, "a")]));
        var passed = await Attempt(learner, second);

        open.Results.ShouldBeNull();
        open.Questions[0].Choices.Select(c => c.Id).ShouldBe(["a", "b"]);
        failed.Passed.ShouldBe(false);
        failed.Results![0].Key.ShouldBeNull();
        failed.Results[0].ExplanationHtml.ShouldBeNull();
        failed.Results[0].Feedback.ShouldBe(["A third is less than a half."]);
        passed.Passed.ShouldBe(true);
        passed.Number.ShouldBe(2);
        passed.Results![0].Key!.Choices.ShouldBe(["a"]);
        passed.Results[0].ExplanationHtml.ShouldBe("<p>Because.</p>");
        (await learning.Progress(learner)).Lessons[0].BestPoints.ShouldBe(1);
    }

    [Fact]
    public async Task Attempts_are_limited_and_the_key_is_shown_after_the_last()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Quiz(50, 2, null, question)));
        for (var i = 0; i < 2; i++)
            await _worker.Done(new SubmitQuiz(learner.Student, await Start(learner), [Choose(question, "b")]));

        var refused = await _worker.Refused(new StartQuizAttempt(learner.Student, Guid.CreateVersion7(), learner.Course.Id, learner.Course.Lessons[0]));

        refused.Kind.ShouldBe(RefusalKind.Conflict);
        refused.Code.ShouldBe("quiz.no_attempts_left");
        var list = await learning.Get<Page<AttemptSummary>>(learner.Student, $"/internal/learning/courses/{learner.Course.Id}/lessons/{learner.Course.Lessons[0]}/attempts");
        list.Items.Select(a => a.Number).ShouldBe([2, 1]);
        var last = await Attempt(learner, list.Items[0].AttemptId);
        last.AttemptsLeft.ShouldBe(0);
        last.Results![0].Key!.Choices.ShouldBe(["a"]);
        (await learning.Progress(learner)).Percent.ShouldBe(0);
    }

    [Fact]
    public async Task Starting_many_times_at_once_opens_one_attempt()
    {
        var learner = await Learner(LearningFixture.SingleQuestion());

        var attempts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Start(learner)));

        attempts.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Handing_in_many_times_at_once_grades_once()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await Learner(question);
        var attempt = await Start(learner);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _worker.Ask(new SubmitQuiz(learner.Student, attempt, [Choose(question, i % 2 == 0 ? "a" : "b")]))));

        answers.OfType<Done>().Count().ShouldBe(1);
        answers.OfType<Refused>().ShouldAllBe(r => r.Code == "attempt.closed");
        await _worker.Event<QuizGraded>(e => e.AttemptId == attempt);
        (await learning.Scalar<int>("SELECT count(*) FROM learning.study_history WHERE subject_id = @attempt AND what = 'SubmitQuiz'", new { attempt })).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_submission_delivered_twice_gives_the_same_answer()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await Learner(question);
        var attempt = await Start(learner);
        var submission = new SubmitQuiz(learner.Student, attempt, [Choose(question, "a")]);
        var id = Guid.CreateVersion7().ToString();

        var first = await _worker.Ask(submission, id);
        var second = await _worker.Ask(submission, id);

        second.ShouldBe(first);
    }

    [Fact]
    public async Task Saved_answers_count_where_the_submission_is_silent()
    {
        var single = LearningFixture.SingleQuestion();
        var numeric = LearningFixture.NumericQuestion();
        var learner = await Learner(single, numeric);
        var attempt = await Start(learner);

        await _worker.Done(new SaveAnswers(learner.Student, attempt, [Choose(single, "a"), new QuestionAnswer(numeric.QuestionId, null, 7, null)]));
        (await Attempt(learner, attempt)).Answers.Count.ShouldBe(2);
        await _worker.Done(new SubmitQuiz(learner.Student, attempt, [new QuestionAnswer(numeric.QuestionId, null, 0.5m, null)]));

        (await Attempt(learner, attempt)).Points.ShouldBe(2);
    }

    [Fact]
    public async Task After_the_time_limit_answers_are_refused_and_the_saved_ones_graded()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Quiz(50, null, 600, question)));
        var attempt = await Start(learner);
        (await Attempt(learner, attempt)).Deadline.ShouldNotBeNull();
        await _worker.Done(new SaveAnswers(learner.Student, attempt, [Choose(question, "a")]));
        await DeadlineWas(attempt, secondsAgo: 31);

        var refused = await _worker.Refused(new SubmitQuiz(learner.Student, attempt, [Choose(question, "b")]));
        await _worker.Host.Services.GetRequiredService<IMessageSession>().Send(new CloseExpiredAttempt(learner.Student, attempt));

        refused.Code.ShouldBe("attempt.time_is_over");
        (await _worker.Event<QuizGraded>(e => e.AttemptId == attempt)).Passed.ShouldBeTrue();
        var closed = await Attempt(learner, attempt);
        closed.TimedOut.ShouldBeTrue();
        closed.Answers[0].Choices.ShouldBe(["a"]);
    }

    [Fact]
    public async Task An_attempt_with_a_time_limit_is_closed_by_a_message_that_waits_for_its_end()
    {
        // 631 seconds enter the broker's delays at the level of 2^9.
        const string exchange = "nsb.v2.delay-level-09";
        await _worker.Probe.Channel.QueueBindAsync(_worker.Probe.Queue, exchange, "#." + LearningEndpoint.Name);
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Quiz(50, null, 600, LearningFixture.SingleQuestion())));

        var attempt = await Start(learner);

        var waiting = await _worker.Probe.Message(m => m.Text.Contains(attempt.ToString(), StringComparison.Ordinal) && m.Exchange == exchange, "the message that closes the attempt");
        waiting.Headers[Hosting.Headers.EnclosedMessageTypes].ShouldStartWith(typeof(CloseExpiredAttempt).FullName!);
        waiting.Headers[Hosting.Headers.DelayInSeconds].ShouldBe("631");
    }

    [Fact]
    public async Task Within_the_grace_after_the_deadline_a_submission_is_still_taken()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Quiz(50, null, 600, question)));
        var attempt = await Start(learner);
        await DeadlineWas(attempt, secondsAgo: 15);

        await _worker.Done(new SubmitQuiz(learner.Student, attempt, [Choose(question, "a")]));

        (await Attempt(learner, attempt)).TimedOut.ShouldBeFalse();
    }

    [Fact]
    public async Task Starting_anew_closes_the_attempt_whose_time_is_over()
    {
        var learner = await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Quiz(50, null, 600, LearningFixture.SingleQuestion())));
        var first = await Start(learner);
        await DeadlineWas(first, secondsAgo: 60);

        var second = await Start(learner);

        second.ShouldNotBe(first);
        (await Attempt(learner, first)).Points.ShouldBe(0);
        (await Attempt(learner, second)).Number.ShouldBe(2);
    }

    [Fact]
    public async Task An_attempt_of_somebody_else_is_unknown()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await Learner(question);
        var attempt = await Start(learner);
        var other = LearningFixture.Student();

        (await _worker.Refused(new SubmitQuiz(other, attempt, [Choose(question, "a")]))).Kind.ShouldBe(RefusalKind.NotFound);
        (await _worker.Refused(new SaveAnswers(other, attempt, []))).Kind.ShouldBe(RefusalKind.NotFound);
        (await learning.GetRefused(other, $"/internal/learning/attempts/{attempt}")).Kind.ShouldBe(RefusalKind.NotFound);
        (await _worker.Refused(new StartQuizAttempt(other, Guid.CreateVersion7(), learner.Course.Id, learner.Course.Lessons[0]))).Kind.ShouldBe(RefusalKind.NotFound);
        (await learning.Get<Page<AttemptSummary>>(other, $"/internal/learning/courses/{learner.Course.Id}/lessons/{learner.Course.Lessons[0]}/attempts")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Answers_that_fit_no_question_are_refused_by_name()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await Learner(question);
        var attempt = await Start(learner);

        var refused = await _worker.Refused(new SubmitQuiz(learner.Student, attempt, [Choose(question, "z")]));

        refused.Kind.ShouldBe(RefusalKind.Invalid);
        refused.Details!.Keys.ShouldBe([question.QuestionId.ToString()]);
        (await Attempt(learner, attempt)).ClosedAt.ShouldBeNull();
    }

    [Fact]
    public async Task An_attempt_begun_on_one_version_is_graded_by_it_after_a_switch()
    {
        var question = LearningFixture.SingleQuestion();
        var learner = await Learner(question);
        var attempt = await Start(learner);
        var course = learner.Course;
        await _worker.Done(new ReviseLesson(course.Tutor, course.Id, course.Lessons[0], LearningFixture.Quiz(LearningFixture.SingleQuestion()), null));
        await _worker.Done(new PublishCourse(course.Tutor, course.Id, null));
        await _worker.Done(new SwitchVersion(learner.Student, course.Id));

        await _worker.Done(new SubmitQuiz(learner.Student, attempt, [Choose(question, "a")]));

        (await learning.Progress(learner)).Percent.ShouldBe(100);
    }

    async Task<TestLearner> Learner(params Question[] questions)
        => await learning.Learner(await learning.PublishedFreeCourse(LearningFixture.Quiz(questions)));

    async Task<Guid> Start(TestLearner learner)
        => (await _worker.Done(new StartQuizAttempt(learner.Student, Guid.CreateVersion7(), learner.Course.Id, learner.Course.Lessons[0]))).Id;

    Task<AttemptView> Attempt(TestLearner learner, Guid attempt)
        => learning.Get<AttemptView>(learner.Student, $"/internal/learning/attempts/{attempt}");

    Task<int?> DeadlineWas(Guid attempt, int secondsAgo)
        => learning.Scalar<int?>("UPDATE learning.quiz_attempt SET deadline = now() - make_interval(secs => @secondsAgo) WHERE attempt_id = @attempt", new { attempt, secondsAgo });

    static QuestionAnswer Choose(Question question, params string[] choices) => new(question.QuestionId, choices, null, null);
}
