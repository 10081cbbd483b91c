using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Learning.Tests;

/// <summary>The edits of an outline: what they have in common is more than what tells them apart.</summary>
public sealed class EditCourseTests(LearningFixture learning)
{
    readonly WorkerUnderTest _worker = learning.Worker;

    [Fact]
    public async Task A_course_is_built_section_by_section_and_lesson_by_lesson()
    {
        var course = await learning.EmptyDraft();
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var (article, video) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        await _worker.Done(new AddSection(course.Tutor, course.Id, second, "Second", null, null));
        await _worker.Done(new AddSection(course.Tutor, course.Id, first, " First ", 0, null));
        await _worker.Done(new AddLesson(course.Tutor, course.Id, first, article, null, LearningFixture.Article(), null));
        var done = await _worker.Done(new AddLesson(course.Tutor, course.Id, first, video, 0, LearningFixture.Video(), null));

        done.Id.ShouldBe(video);
        var draft = await Draft(course);
        draft.Outline.Select(s => s.Title).ShouldBe(["First", "Second"]);
        draft.Outline[0].Lessons.Select(l => l.LessonId).ShouldBe([video, article]);
        (draft.Lessons, draft.Minutes, draft.Edit).ShouldBe((2, 15, done.Version));
    }

    [Fact]
    public async Task Sections_and_lessons_move_and_go()
    {
        var course = await learning.DraftCourse(null, null, LearningFixture.Article("a"), LearningFixture.Article("b"), LearningFixture.Article("c"));
        var other = Guid.CreateVersion7();
        await _worker.Done(new AddSection(course.Tutor, course.Id, other, "Other", null, null));

        await _worker.Done(new MoveLesson(course.Tutor, course.Id, course.Lessons[0], course.Sections[0], 1, null));
        await _worker.Done(new MoveLesson(course.Tutor, course.Id, course.Lessons[2], other, 99, null));
        await _worker.Done(new MoveSection(course.Tutor, course.Id, other, 0, null));
        await _worker.Done(new RenameSection(course.Tutor, course.Id, other, "Renamed", null));

        var draft = await Draft(course);
        draft.Outline.Select(s => string.Join(' ', s.Lessons.Select(l => l.Title).Prepend(s.Title))).ShouldBe(["Renamed c", "The first steps b a"]);

        await _worker.Done(new RemoveLesson(course.Tutor, course.Id, course.Lessons[1], null));
        await _worker.Done(new RemoveSection(course.Tutor, course.Id, other, null));
        (await Draft(course)).Outline.ShouldHaveSingleItem().Lessons.ShouldHaveSingleItem().Title.ShouldBe("a");
    }

    [Fact]
    public async Task Rewriting_a_lesson_makes_a_revision_only_when_its_content_changes()
    {
        var course = await learning.DraftCourse();

        await _worker.Done(new ReviseLesson(course.Tutor, course.Id, course.Lessons[0], LearningFixture.Article("Another title"), null));
        (await Draft(course)).Outline[0].Lessons[0].ShouldBe(new OutlineLesson(course.Lessons[0], 1, LessonKind.Article, "Another title", 10, false));

        await _worker.Done(new ReviseLesson(course.Tutor, course.Id, course.Lessons[0], LearningFixture.Article("Another title", "<p>New.</p>"), null));
        (await Draft(course)).Outline[0].Lessons[0].Revision.ShouldBe(2);

        var lesson = await _worker.Api(course.Tutor).GetFromJsonAsync($"/internal/learning/courses/{course.Id}/lessons/{course.Lessons[0]}", LearningJson.Web.CourseLessonView);
        lesson!.Content.Html.ShouldBe("<p>New.</p>");
    }

    [Fact]
    public async Task A_lesson_keeps_its_kind()
    {
        var course = await learning.DraftCourse();

        (await _worker.Refused(new ReviseLesson(course.Tutor, course.Id, course.Lessons[0], LearningFixture.Video(), null))).Code.ShouldBe("lesson.kind_is_fixed");
    }

    [Fact]
    public async Task Of_two_edits_with_the_same_if_match_exactly_one_wins()
    {
        var course = await learning.DraftCourse();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _worker.Ask(new AddSection(course.Tutor, course.Id, Guid.CreateVersion7(), $"Section {i}", null, course.Edit))));

        answers.OfType<Done>().ShouldHaveSingleItem().Version.ShouldBe(course.Edit + 1);
        answers.OfType<Refused>().ShouldAllBe(r => r.Kind == RefusalKind.Stale && r.Code == "course.stale");
        (await Draft(course)).Outline.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Edits_that_race_without_if_match_all_take_effect()
    {
        var course = await learning.EmptyDraft();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => _worker.Done(new AddSection(course.Tutor, course.Id, Guid.CreateVersion7(), $"Section {i}", null, null))));

        (await Draft(course)).Outline.Select(s => s.Title).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 12).Select(i => $"Section {i}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_draft_of_somebody_else_does_not_exist_and_a_published_course_is_not_yours()
    {
        var draft = await learning.DraftCourse();
        var published = await learning.PublishedFreeCourse();
        var stranger = LearningFixture.Tutor();

        foreach (var refused in await Refusals(stranger, draft))
            (refused.Kind, refused.Code).ShouldBe((RefusalKind.NotFound, "course.unknown"));
        foreach (var refused in await Refusals(stranger, published))
            (refused.Kind, refused.Code).ShouldBe((RefusalKind.Forbidden, "course.not_yours"));
        foreach (var refused in await Refusals(draft.Tutor, draft with { Id = Guid.CreateVersion7() }))
            (refused.Kind, refused.Code).ShouldBe((RefusalKind.NotFound, "course.unknown"));
    }

    [Fact]
    public async Task Unknown_sections_and_lessons_are_not_found()
    {
        var course = await learning.DraftCourse();
        var foreign = await learning.DraftCourse();

        (await _worker.Refused(new RenameSection(course.Tutor, course.Id, foreign.Sections[0], "x", null))).Code.ShouldBe("section.unknown");
        (await _worker.Refused(new AddLesson(course.Tutor, course.Id, foreign.Sections[0], Guid.CreateVersion7(), null, LearningFixture.Article(), null))).Code.ShouldBe("section.unknown");
        (await _worker.Refused(new RemoveLesson(course.Tutor, course.Id, foreign.Lessons[0], null))).Code.ShouldBe("lesson.unknown");
        (await _worker.Refused(new MoveLesson(course.Tutor, course.Id, course.Lessons[0], foreign.Sections[0], 0, null))).Code.ShouldBe("section.unknown");
    }

    [Fact]
    public async Task What_breaks_a_rule_names_the_field_and_changes_nothing()
    {
        var course = await learning.DraftCourse();

        var question = LearningFixture.SingleQuestion() with { Points = 0 };
        var refused = await _worker.Refused(new AddLesson(course.Tutor, course.Id, course.Sections[0], Guid.CreateVersion7(), null, LearningFixture.Quiz(question), null));
        refused.Kind.ShouldBe(RefusalKind.Invalid);
        refused.Details!.Keys.ShouldContain("content.quiz.questions[0].points");

        (await _worker.Refused(new ReviseCourseDetails(course.Tutor, course.Id, LearningFixture.Details("  "), null))).Details!.Keys.ShouldContain("title");
        (await _worker.Refused(new RenameSection(course.Tutor, course.Id, course.Sections[0], new string('x', 201), null))).Details!.Keys.ShouldContain("title");
        (await Draft(course)).Edit.ShouldBe(course.Edit);
    }

    [Fact]
    public async Task A_section_takes_no_more_than_200_lessons()
    {
        var course = await learning.DraftCourse(null, null, [.. Enumerable.Range(0, 199).Select(i => LearningFixture.Article($"Lesson {i}"))]);
        await _worker.Done(new AddLesson(course.Tutor, course.Id, course.Sections[0], Guid.CreateVersion7(), null, LearningFixture.Article(), null));

        (await _worker.Refused(new AddLesson(course.Tutor, course.Id, course.Sections[0], Guid.CreateVersion7(), null, LearningFixture.Article(), null))).Code.ShouldBe("course.too_large");
    }

    [Fact]
    public async Task An_importer_that_repeats_itself_adds_nothing_twice()
    {
        var course = await learning.EmptyDraft();
        var section = Guid.CreateVersion7();
        NewLesson[] lessons = [new(Guid.CreateVersion7(), LearningFixture.Article("a")), new(Guid.CreateVersion7(), LearningFixture.Video())];

        await _worker.Done(new AddLessons(course.Tutor, course.Id, section, "Imported", lessons));
        await _worker.Done(new AddLessons(course.Tutor, course.Id, section, "Imported", [.. lessons, new NewLesson(Guid.CreateVersion7(), LearningFixture.Article("b"))]));

        (await Draft(course)).Outline.ShouldHaveSingleItem().Lessons.Select(l => l.Title).ShouldBe(["a", "Cutting a cake", "b"]);
    }

    [Fact]
    public async Task Courses_begun_at_once_under_one_title_get_addresses_of_their_own()
    {
        var title = $"Same title {Guid.NewGuid():N}";

        var courses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => learning.EmptyDraft(LearningFixture.Details(title))));

        var slugs = await Task.WhenAll(courses.Select(async c => (await Draft(c)).Slug));
        slugs.Distinct().Count().ShouldBe(8);
        slugs.ShouldContain(title.ToLowerInvariant().Replace(' ', '-'));
    }

    [Fact]
    public async Task The_audit_trail_tells_who_did_what()
    {
        var course = await learning.PublishedFreeCourse();

        var history = await _worker.Api(course.Tutor).GetFromJsonAsync($"/internal/learning/courses/{course.Id}/history?limit=2", LearningJson.Web.PageCourseHistoryEntry);
        history!.Items.Select(e => e.What).ShouldBe(["PublishCourse", "AddLessons"]);
        history.Items.ShouldAllBe(e => e.ActorId == course.Tutor.Id);
        history.Items[0].Edit.ShouldBe(course.Edit);

        var rest = await _worker.Api(LearningFixture.Moderator()).GetFromJsonAsync($"/internal/learning/courses/{course.Id}/history?cursor={history.Next}", LearningJson.Web.PageCourseHistoryEntry);
        rest!.Items.ShouldHaveSingleItem().What.ShouldBe("CreateCourse");
        (await _worker.Api(LearningFixture.Tutor()).GetAsync(new Uri($"/internal/learning/courses/{course.Id}/history", UriKind.Relative))).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    async Task<Refused[]> Refusals(Actor by, TestCourse course) =>
    [
        await _worker.Refused(new ReviseCourseDetails(by, course.Id, LearningFixture.Details(), null)),
        await _worker.Refused(new AddSection(by, course.Id, Guid.CreateVersion7(), "x", null, null)),
        await _worker.Refused(new RenameSection(by, course.Id, course.Sections[0], "x", null)),
        await _worker.Refused(new MoveSection(by, course.Id, course.Sections[0], 0, null)),
        await _worker.Refused(new RemoveSection(by, course.Id, course.Sections[0], null)),
        await _worker.Refused(new AddLesson(by, course.Id, course.Sections[0], Guid.CreateVersion7(), null, LearningFixture.Article(), null)),
        await _worker.Refused(new AddLessons(by, course.Id, course.Sections[0], "x", [new NewLesson(Guid.CreateVersion7(), LearningFixture.Article())])),
        await _worker.Refused(new ReviseLesson(by, course.Id, course.Lessons[0], LearningFixture.Article(), null)),
        await _worker.Refused(new MoveLesson(by, course.Id, course.Lessons[0], course.Sections[0], 0, null)),
        await _worker.Refused(new RemoveLesson(by, course.Id, course.Lessons[0], null)),
        await _worker.Refused(new PublishCourse(by, course.Id, null)),
        await _worker.Refused(new ArchiveCourse(by, course.Id, null)),
        await _worker.Refused(new RestoreCourse(by, course.Id, null)),
        await _worker.Refused(new DiscardDraft(by, course.Id, null)),
    ];

    async Task<CourseView> Draft(TestCourse course)
        => (await _worker.Api(course.Tutor).GetFromJsonAsync($"/internal/learning/courses/{course.Id}?version=draft", LearningJson.Web.CourseView))!;
}
