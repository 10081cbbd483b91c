namespace EdTech.Contracts.Learning;

/// <summary>What the caller could study next, each with its reason.</summary>
/// <param name="Resume">Lessons to go on with, the course visited last first; at most 10.</param>
/// <param name="Courses">Courses that the caller is not enrolled in; at most 20.</param>
public sealed record Recommendations(IReadOnlyList<LessonRecommendation> Resume, IReadOnlyList<CourseRecommendation> Courses);

/// <summary>The lesson with which to go on in a course.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="CourseTitle">Its title.</param>
/// <param name="LessonId">The lesson.</param>
/// <param name="LessonTitle">Its title.</param>
/// <param name="Percent">Progress in the course.</param>
/// <param name="Reason">Always <c>resume</c>.</param>
/// <param name="Sentence">The reason for people.</param>
public sealed record LessonRecommendation(Guid CourseId, string CourseTitle, Guid LessonId, string LessonTitle, int Percent, string Reason, string Sentence);

/// <summary>A course to enrol in.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="Slug">Its readable name in addresses.</param>
/// <param name="Title">Its title.</param>
/// <param name="Reason"><c>next_on_path</c>, <c>prerequisites_completed</c>, <c>learners_also_took</c>, <c>popular_in_subject</c> or <c>popular</c>.</param>
/// <param name="Sentence">The reason for people.</param>
/// <param name="BecauseOf">The path or course that the reason names.</param>
public sealed record CourseRecommendation(Guid CourseId, string Slug, string Title, string Reason, string Sentence, Guid? BecauseOf);
