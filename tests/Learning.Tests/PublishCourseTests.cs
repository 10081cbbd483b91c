using System.Net;
using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

public sealed class PublishCourseTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task Publishing_tells_what_the_catalogue_shows()
    {
        var course = await learning.PublishedFreeCourse();

        var published = await _worker.Event<CoursePublished>(e => e.CourseId == course.Id);
        published.TutorId.ShouldBe(course.Tutor.Id);
        published.Version.ShouldBe(1);
        published.Lessons.ShouldBe(2);
        published.Price.ShouldBeNull();
        (await View(Actor.Anonymous, course.Id))!.Status.ShouldBe(CourseStatus.Published);
    }

    [Fact]
    public async Task A_course_without_a_lesson_is_not_published()
    {
        var course = await learning.EmptyDraft();

        (await _worker.Refused(new PublishCourse(course.Tutor, course.Id, null))).Code.ShouldBe("course.has_no_lesson");
        _worker.Events<CoursePublished>().ShouldNotContain(e => e.CourseId == course.Id);
    }

    [Fact]
    public async Task A_quiz_without_a_question_is_not_published()
    {
        var course = await learning.DraftCourse(null, null, LearningFixture.Article(), LearningFixture.Quiz());

        (await _worker.Refused(new PublishCourse(course.Tutor, course.Id, null))).Code.ShouldBe("course.quiz_is_empty");

        await _worker.Done(new ReviseLesson(course.Tutor, course.Id, course.Lessons[1], LearningFixture.Quiz(LearningFixture.SingleQuestion()), null));
        await _worker.Done(new PublishCourse(course.Tutor, course.Id, null));
    }

    [Fact]
    public async Task Of_publications_that_race_exactly_one_wins()
    {
        var course = await learning.DraftCourse();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _worker.Ask(new PublishCourse(course.Tutor, course.Id, null))));

        answers.OfType<Done>().ShouldHaveSingleItem();
        answers.OfType<Refused>().ShouldAllBe(r => r.Code == "course.nothing_to_publish");
        await _worker.Event<CoursePublished>(e => e.CourseId == course.Id);
        _worker.Events<CoursePublished>().Count(e => e.CourseId == course.Id).ShouldBe(1);
    }

    [Fact]
    public async Task An_edit_of_a_published_course_is_seen_by_its_owner_until_it_is_published()
    {
        var course = await learning.PublishedFreeCourse();

        var edited = await _worker.Done(new ReviseLesson(course.Tutor, course.Id, course.Lessons[0], LearningFixture.Article("Rewritten", "<p>New.</p>"), course.Edit));

        var open = (await View(LearningFixture.Student(), course.Id, "draft"))!;
        (open.Version, open.IsDraft, open.HasDraft, open.Outline[0].Lessons[0].Title).ShouldBe((1, false, false, "What a half is"));
        var draft = (await View(course.Tutor, course.Id, "draft"))!;
        (draft.Version, draft.IsDraft, draft.HasDraft, draft.Edit, draft.Outline[0].Lessons[0].Revision).ShouldBe((2, true, true, edited.Version, 2));

        await _worker.Done(new PublishCourse(course.Tutor, course.Id, edited.Version));
        var second = (await View(Actor.Anonymous, course.Id))!;
        (second.Version, second.Outline[0].Lessons[0].Title).ShouldBe((2, "Rewritten"));
        (await _worker.Event<CoursePublished>(e => e.CourseId == course.Id && e.Version == 2)).Slug.ShouldBe(open.Slug);
    }

    [Fact]
    public async Task A_discarded_draft_is_gone_and_its_etag_never_fits_again()
    {
        var course = await learning.PublishedFreeCourse();
        var edited = await _worker.Done(new RemoveLesson(course.Tutor, course.Id, course.Lessons[0], course.Edit));

        await _worker.Done(new DiscardDraft(course.Tutor, course.Id, edited.Version));

        (await View(course.Tutor, course.Id, "draft"))!.Lessons.ShouldBe(2);
        (await _worker.Refused(new DiscardDraft(course.Tutor, course.Id, null))).Code.ShouldBe("course.no_draft");
        (await _worker.Refused(new PublishCourse(course.Tutor, course.Id, null))).Code.ShouldBe("course.nothing_to_publish");
        (await _worker.Refused(new RemoveLesson(course.Tutor, course.Id, course.Lessons[1], edited.Version))).Code.ShouldBe("course.stale");

        var fresh = await learning.DraftCourse();
        (await _worker.Refused(new DiscardDraft(fresh.Tutor, fresh.Id, null))).Code.ShouldBe("course.never_published");
    }

    [Fact]
    public async Task An_archived_course_takes_no_edits_and_is_hidden_until_it_is_restored()
    {
        var course = await learning.PublishedFreeCourse();

        await _worker.Done(new ArchiveCourse(course.Tutor, course.Id, course.Edit));

        await _worker.Event<CourseArchived>(e => e.CourseId == course.Id);
        (await View(LearningFixture.Student(), course.Id)).ShouldBeNull();
        (await View(course.Tutor, course.Id))!.Status.ShouldBe(CourseStatus.Archived);
        (await _worker.Refused(new AddSection(course.Tutor, course.Id, Guid.CreateVersion7(), "x", null, null))).Code.ShouldBe("course.archived");
        (await _worker.Refused(new ArchiveCourse(course.Tutor, course.Id, null))).Code.ShouldBe("course.not_published");

        await _worker.Done(new RestoreCourse(course.Tutor, course.Id, null));
        await _worker.Event<CourseRestored>(e => e.CourseId == course.Id);
        (await View(LearningFixture.Student(), course.Id))!.Status.ShouldBe(CourseStatus.Published);
        (await _worker.Refused(new RestoreCourse(course.Tutor, course.Id, null))).Code.ShouldBe("course.not_archived");
    }

    [Fact]
    public async Task What_a_moderator_took_down_only_a_moderator_brings_back()
    {
        var course = await learning.PublishedFreeCourse();
        var moderator = LearningFixture.Moderator();

        await _worker.Done(new ArchiveCourse(moderator, course.Id, null));

        (await _worker.Refused(new RestoreCourse(course.Tutor, course.Id, null))).Code.ShouldBe("course.archived_by_moderator");
        await _worker.Done(new RestoreCourse(moderator, course.Id, null));
        (await _worker.Refused(new RenameSection(moderator, course.Id, course.Sections[0], "x", null))).Code.ShouldBe("course.not_yours");
    }

    async Task<CourseView?> View(Actor actor, Guid courseId, string? version = null)
    {
        using var answer = await _worker.Api(actor).GetAsync(new Uri($"/internal/learning/courses/{courseId}?version={version}", UriKind.Relative));
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        var view = (await answer.Content.ReadFromJsonAsync(LearningJson.Web.CourseView))!;
        answer.Headers.ETag!.Tag.ShouldBe($"\"{view.Edit}\"");
        return view;
    }
}
