using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>A course made of an archive, ready to be stored.</summary>
sealed record ImportedCourse(
    CourseDetails Details,
    IReadOnlyList<OutlineSection> Outline,
    IReadOnlyList<(Guid LessonId, LessonContent Content)> Lessons,
    ImportReport Report);

/// <summary>
/// Makes lessons of the units of an Open edX course. A unit is one lesson where it can be: its text goes with the video or the questions
/// that it introduces; a unit of several of them becomes several lessons, in their order.
/// </summary>
sealed partial class OlxImport
{
    const int MaxNotes = 2_000;
    const int MaxPieceLength = 400_000;
    const int MaxQuizQuestions = 200;

    static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["annotatable"] = "Texts with annotations are not a kind of lesson here.",
        ["discussion"] = "Discussions live in a course's conversations, not in its lessons.",
        ["done"] = "A button to mark a unit as done is not needed: every lesson can be completed.",
        ["drag-and-drop-v2"] = "Dragging things onto a picture is not a kind of question here.",
        ["drag-and-drop"] = "Dragging things onto a picture is not a kind of question here.",
        ["edx_sga"] = "Work graded by the course's staff in the old platform; write an assignment lesson in its place.",
        ["google-calendar"] = "It shows a calendar from elsewhere.",
        ["google-document"] = "It shows a document from elsewhere.",
        ["image-explorer"] = "Pictures with places to click are not a kind of lesson here.",
        ["lti"] = "It runs in an outside tool (LTI).",
        ["lti_consumer"] = "It runs in an outside tool (LTI).",
        ["openassessment"] = "Open responses graded by peers or staff are not imported; write an assignment lesson in its place.",
        ["poll"] = "Polls are not a kind of question here.",
        ["poll_question"] = "Polls are not a kind of question here.",
        ["scorm"] = "It is a SCORM package.",
        ["staffgradedxblock"] = "Points given by the course's staff in the old platform have nothing to be answered.",
        ["survey"] = "Surveys are not a kind of question here.",
        ["word_cloud"] = "Word clouds are not a kind of question here.",
    };

    readonly OlxCourse _course;
    readonly Func<Guid> _newId;
    readonly List<(int Order, SkippedComponent Component)> _skipped;
    readonly List<ImportNote> _notes;
    readonly SortedDictionary<string, int> _imported = new(StringComparer.Ordinal);
    readonly Dictionary<string, Guid> _lessonOf = new(StringComparer.Ordinal);

    OlxImport(OlxCourse course, Func<Guid> newId)
    {
        _course = course;
        _newId = newId;
        _skipped = [.. course.Lost];
        _notes = [.. course.Notes];
    }

    /// <param name="course">As read from its archive.</param>
    /// <param name="newId">Makes the ids of sections, lessons and questions.</param>
    /// <exception cref="ImportRefusedException">Nothing in it can be learnt from, or it is larger than a course can be.</exception>
    public static ImportedCourse Map(OlxCourse course, Func<Guid> newId) => new OlxImport(course, newId).Map();

    ImportedCourse Map()
    {
        List<(string Chapter, List<(string Sequence, List<Lesson> Lessons)> Parts)> chapters = [];
        foreach (var chapter in _course.Chapters)
        {
            List<(string, List<Lesson>)> parts = [];
            foreach (var sequence in chapter.Sequences)
            {
                List<Lesson> lessons = [];
                foreach (var unit in sequence.Units)
                {
                    var made = MakeLessons(unit);
                    if (made.Count == 0) Note("vertical", unit.Id, $"{unit.Place} › {unit.Title}", "unit.empty", "Nothing of this unit could be imported; it did not become a lesson.");
                    lessons.AddRange(made);
                }

                if (lessons.Count > 0) parts.Add((sequence.Title, lessons));
                else Note("sequential", "", $"{chapter.Title} › {sequence.Title}", "section.empty", "Nothing of this part could be imported; it did not become a section.");
            }

            if (parts.Count > 0) chapters.Add((chapter.Title, parts));
            else if (chapter.Sequences.Count == 0) Note("chapter", "", chapter.Title, "section.empty", "This chapter is empty; it did not become a section.");
        }

        var sections = Arrange(chapters);
        if (sections.Count == 0) throw new ImportRefusedException("import.nothing_to_learn", "Nothing in the archive could become a lesson.");
        var all = sections.SelectMany(s => s.Lessons).ToList();
        if (all.Count > CourseRules.MaxLessons) throw new ImportRefusedException("import.too_large", $"The course has {all.Count} lessons; at most {CourseRules.MaxLessons} are possible.");
        ResolveJumps(all);
        Note("course", "", "", "course.subject", "An Open edX course names no subject: it is filed under 'general' until its tutor changes that.");

        var skipped = _skipped.OrderBy(s => s.Order).Select(s => s.Component).ToList();
        var report = new ImportReport(
            "olx",
            Cut(_course.Title),
            sections.Count,
            all.GroupBy(l => l.Kind).OrderBy(g => g.Key).ToDictionary(g => g.Key.ToString().ToLowerInvariant(), g => g.Count(), StringComparer.Ordinal),
            all.Sum(l => l.Questions.Count),
            _course.Found,
            _imported,
            skipped,
            [.. _notes.Take(MaxNotes)],
            Math.Max(0, _notes.Count - MaxNotes));

        return new ImportedCourse(
            Details(),
            [.. sections.Select(s => new OutlineSection(_newId(), s.Title, [.. s.Lessons.Select(l => new OutlineLesson(l.Id, 1, l.Kind, l.Title, Minutes(l), FreePreview: false))]))],
            [.. all.Select(l => (l.Id, Content(l)))],
            report);
    }

    CourseDetails Details()
    {
        var overview = _course.Overview is { } html && OlxHtml.Clean(html) is { } cleaned ? SafeHtml.Clean(cleaned.Html) : "";
        if (overview.Length > 50_000)
        {
            Note("course", "", "", "course.description", "Its description is longer than 50,000 characters and was left out.");
            overview = "";
        }

        // A link into the course means nothing in the catalogue.
        overview = OlxHtml.ResolveJumps(overview, _ => null, []);
        var summary = OlxHtml.TextOf(_course.ShortDescription ?? "");
        if (summary.Length == 0) summary = OlxHtml.TextOf(overview);
        if (summary.Length == 0) summary = _course.Title;
        var language = _course.Language.Replace('_', '-');
        if (!LanguageTag().IsMatch(language))
        {
            Note("course", "", "", "course.language", $"Its language '{ArchiveReader.Shown(language)}' is none; English is assumed.");
            language = "en";
        }

        return new CourseDetails(Cut(_course.Title), Cut(summary, 500), overview, language, "all", ["general"], null, []);
    }

    List<Lesson> MakeLessons(OlxUnit unit)
    {
        List<Lesson> lessons = [];
        var pending = new StringBuilder();
        List<string> pendingIds = [];
        Lesson? quiz = null;
        var place = $"{unit.Place} › {unit.Title}";

        Lesson Begin(LessonKind kind, string title)
        {
            var lesson = new Lesson(_newId(), kind) { Title = title };
            lesson.Html.Append(pending);
            foreach (var id in pendingIds) _lessonOf.TryAdd(id, lesson.Id);
            pending.Clear();
            pendingIds.Clear();
            lessons.Add(lesson);
            return lesson;
        }

        foreach (var component in unit.Components)
        {
            List<(string Code, string Message)> losses = [];
            switch (component.Type)
            {
                case "html":
                    if (ReadHtml(component, losses) is not { } html) continue;
                    if (pending.Length + html.Length > MaxPieceLength && pending.Length > 0)
                    {
                        quiz = null;
                        Begin(LessonKind.Article, "");
                    }

                    pending.Append(html).Append('\n');
                    pendingIds.Add(component.Id);
                    break;

                case "video":
                    if (OlxVideo.Read(component.Xml, losses, out var reason) is not { } video)
                    {
                        Skip(component, "video.no_source", reason);
                        continue;
                    }

                    quiz = null;
                    var film = Begin(LessonKind.Video, component.Title);
                    film.Video = video;
                    _lessonOf.TryAdd(component.Id, film.Id);
                    break;

                case "problem":
                    IReadOnlyList<Question> questions;
                    try
                    {
                        questions = [.. OlxProblem.Read(component.Xml, _newId, losses).Select(q => CleanQuestion(q, losses))];
                    }
                    catch (NotAQuestionException e)
                    {
                        Skip(component, e.Code, e.Message);
                        continue;
                    }

                    if (quiz is null || quiz.Questions.Count + questions.Count > MaxQuizQuestions)
                    {
                        quiz = Begin(LessonKind.Quiz, component.Title);
                    }
                    else if (pending.Length > 0)
                    {
                        // Text between two problems introduces the second.
                        questions = [questions[0] with { PromptHtml = pending + questions[0].PromptHtml }, .. questions.Skip(1)];
                        foreach (var id in pendingIds) _lessonOf.TryAdd(id, quiz.Id);
                        pending.Clear();
                        pendingIds.Clear();
                    }

                    quiz.Questions.AddRange(questions);
                    quiz.Attempts.Add(int.TryParse(component.Xml.Said("max_attempts"), NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) && attempts is > 0 and <= 1000 ? attempts : null);
                    _lessonOf.TryAdd(component.Id, quiz.Id);
                    break;

                default:
                    Skip(component, "component.unsupported", Reasons.GetValueOrDefault(component.Type, $"Components of the type '{ArchiveReader.Shown(component.Type)}' are not known here."));
                    continue;
            }

            _imported[component.Type] = _imported.GetValueOrDefault(component.Type) + 1;
            if (component.Xml.Said("group_access") is { } groups && groups is not "{}") losses.Add(("component.for_all", "It was for some groups of learners only; now everybody sees it."));
            foreach (var (code, message) in losses.Distinct()) Note(component.Type, component.Id, component.Place, code, message);
        }

        if (pending.Length > 0)
        {
            // What follows a film goes with it; what follows questions may hold their answers and is read after them.
            if (lessons is [.., { Kind: LessonKind.Video } last] && last.Html.Length + pending.Length <= MaxPieceLength)
            {
                last.Html.Append(pending);
                foreach (var id in pendingIds) _lessonOf.TryAdd(id, last.Id);
            }
            else
            {
                Begin(LessonKind.Article, "");
            }
        }

        for (var i = 0; i < lessons.Count; i++)
        {
            var own = lessons[i].Title.Trim();
            lessons[i].Title = Cut(lessons.Count == 1 || i == 0 && own.Length == 0 || string.Equals(own, unit.Title, StringComparison.Ordinal) ? unit.Title
                : own.Length > 0 ? $"{unit.Title} · {own}"
                : $"{unit.Title} ({(i + 1).ToString(CultureInfo.InvariantCulture)})");
        }

        if (lessons.Count > 0 && unit.Id.Length > 0) _lessonOf.TryAdd(unit.Id, lessons[0].Id);
        return lessons;
    }

    string? ReadHtml(OlxComponent component, List<(string, string)> losses)
    {
        if (OlxHtml.Clean(component.Text!) is not { } cleaned)
        {
            Skip(component, "html.too_large", $"It is longer than {CourseRules.MaxLessonHtml} characters, or its elements are nested deeper than a page's are.");
            return null;
        }

        if (cleaned is { Interactive: true, TextLength: < 200 })
        {
            Skip(component, "html.interactive", "It is a form or a program: without its scripts nothing of use is left.");
            return null;
        }

        var html = SafeHtml.Clean(cleaned.Html);
        if (cleaned.IsEmpty || OlxHtml.TextOf(html).Length == 0 && !html.Contains("<img", StringComparison.Ordinal))
        {
            Skip(component, "html.nothing_to_read", "It holds styles, scripts or pictures of the old platform and nothing to read.");
            return null;
        }

        if (html.Length > MaxPieceLength)
        {
            Skip(component, "html.too_large", $"It has {html.Length} characters; at most {MaxPieceLength} are imported.");
            return null;
        }

        losses.AddRange(cleaned.Losses);
        return html;
    }

    static Question CleanQuestion(Question question, List<(string, string)> losses)
    {
        string Html(string html)
        {
            if (OlxHtml.Clean(html) is not { } cleaned) throw new NotAQuestionException("problem.too_large", "Its text is too long, or nested too deep.");
            losses.AddRange(cleaned.Losses);
            return SafeHtml.Clean(cleaned.Html);
        }

        var clean = question with
        {
            PromptHtml = Html(question.PromptHtml),
            Choices = [.. question.Choices.Select(c => c with { Html = Html(c.Html), Feedback = c.Feedback is null ? null : Html(c.Feedback) })],
            ExplanationHtml = question.ExplanationHtml is { Length: > 0 } explanation ? Html(explanation) : null,
            Hints = [.. question.Hints.Select(h => Cut(OlxHtml.TextOf(h), 2000)).Where(h => h.Length > 0)],
        };
        if (clean.Choices.FirstOrDefault(c => c.Html.Length == 0) is not null) throw new NotAQuestionException("problem.nothing_to_read", "One of its choices has nothing to read.");
        var faults = CourseRules.Check(new LessonDraft(LessonKind.Quiz, "quiz", null, false, new LessonContent(null, null, new QuizContent(0, null, null, false, [clean]), null, null)));
        return faults.Count == 0
            ? clean
            : throw new NotAQuestionException("problem.rule", $"It breaks a rule for questions ({faults[0].Field["content.quiz.questions[0].".Length..]}): {faults[0].Message}");
    }

    /// <summary>A section for each part of a chapter; for each chapter, where that would be too many.</summary>
    static List<Section> Arrange(List<(string Chapter, List<(string Sequence, List<Lesson> Lessons)> Parts)> chapters)
    {
        List<Section> Split(string title, List<Lesson> lessons)
            => [.. lessons.Chunk(CourseRules.MaxLessonsPerSection).Select((chunk, i) => new Section(i == 0 ? Cut(title) : Cut(title, 190) + $" ({i + 1})", chunk))];

        var parts = chapters.SelectMany(c => c.Parts.SelectMany(p => Split(
            c.Parts.Count == 1 && AddsNothing(c.Chapter, p.Sequence) ? c.Chapter : $"{Cut(c.Chapter, 100)} · {p.Sequence}", p.Lessons))).ToList();
        if (parts.Count <= CourseRules.MaxSections) return parts;

        parts = [.. chapters.SelectMany(c => Split(c.Chapter, [.. c.Parts.SelectMany(p => p.Lessons)]))];
        return parts.Count <= CourseRules.MaxSections
            ? parts
            : throw new ImportRefusedException("import.too_large", $"The course has more than {CourseRules.MaxSections} chapters, or more lessons than they can hold.");
    }

    // A chapter of one part that is called the same, or only "Chapter 1 · Lesson": the part's title adds nothing.
    static bool AddsNothing(string chapter, string sequence) => string.Equals(chapter.Trim(), sequence.Trim(), StringComparison.OrdinalIgnoreCase) || sequence is "Part";

    void ResolveJumps(List<Lesson> lessons)
    {
        foreach (var lesson in lessons)
        {
            List<string> unresolved = [];
            string Resolve(string html) => OlxHtml.ResolveJumps(html, id => _lessonOf.TryGetValue(id, out var target) ? target : null, unresolved);
            lesson.FinalHtml = Resolve(lesson.Html.ToString().Trim());
            for (var i = 0; i < lesson.Questions.Count; i++)
            {
                var question = lesson.Questions[i];
                lesson.Questions[i] = question with
                {
                    PromptHtml = Resolve(question.PromptHtml),
                    ExplanationHtml = question.ExplanationHtml is null ? null : Resolve(question.ExplanationHtml),
                    Choices = [.. question.Choices.Select(c => c with { Html = Resolve(c.Html) })],
                };
            }

            if (unresolved.Count > 0)
                Note("html", "", lesson.Title, "html.links_removed", $"Links to parts of the course that were not imported became plain text ({unresolved.Count}): {string.Join(", ", unresolved.Distinct(StringComparer.Ordinal).Take(10))}.");
        }
    }

    LessonContent Content(Lesson lesson)
    {
        var html = lesson.FinalHtml.Length > 0 ? lesson.FinalHtml : null;
        return lesson.Kind switch
        {
            LessonKind.Quiz => new LessonContent(html, null, new QuizContent(_course.PassPercent, lesson.Attempts.Contains(null) ? null : lesson.Attempts.Max(), null, Shuffle: false, lesson.Questions), null, null),
            LessonKind.Video => new LessonContent(html, lesson.Video, null, null, null),
            _ => new LessonContent(html ?? "", null, null, null, null),
        };
    }

    static int? Minutes(Lesson lesson) => lesson.Video?.DurationSeconds is { } seconds ? Math.Max(1, (int)Math.Ceiling(seconds / 60.0)) : null;

    void Skip(OlxComponent component, string code, string reason)
        => _skipped.Add((component.Order, new SkippedComponent(component.Type, component.Id, Cut(component.Title.Length > 0 ? component.Title : component.Type), component.Place, code, reason)));

    void Note(string type, string id, string place, string code, string message) => _notes.Add(new ImportNote(type, id, place, code, message));

    static string Cut(string text, int length = 200)
    {
        text = text.Trim();
        if (text.Length <= length) return text;
        var end = length - 1;
        if (char.IsHighSurrogate(text[end - 1])) end--;
        return text[..end].TrimEnd() + "…";
    }

    [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LanguageTag();

    sealed record Section(string Title, IReadOnlyList<Lesson> Lessons);

    sealed class Lesson(Guid id, LessonKind kind)
    {
        public Guid Id { get; } = id;
        public LessonKind Kind { get; } = kind;
        public string Title { get; set; } = "";
        public StringBuilder Html { get; } = new();
        public string FinalHtml { get; set; } = "";
        public VideoContent? Video { get; set; }
        public List<Question> Questions { get; } = [];
        public List<int?> Attempts { get; } = [];
    }
}
