namespace EdTech.Contracts.Learning;

/// <summary>A learning path in a list.</summary>
/// <param name="PathId">The path.</param>
/// <param name="AuthorId">Its author.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">One or two sentences.</param>
/// <param name="Courses">How many courses it has.</param>
/// <param name="Status"><c>draft</c> or <c>published</c>.</param>
public sealed record PathSummary(Guid PathId, Guid AuthorId, string Title, string Summary, int Courses, string Status);

/// <summary>A learning path, with the caller's own way on it.</summary>
/// <param name="PathId">The path.</param>
/// <param name="AuthorId">Its author.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">One or two sentences.</param>
/// <param name="Status"><c>draft</c> or <c>published</c>.</param>
/// <param name="Version">Counts the changes; the ETag.</param>
/// <param name="Following">Whether the caller follows it.</param>
/// <param name="Percent">Mean of the courses' percentages, rounded down.</param>
/// <param name="NextCourseId">The first course in order that is not completed and whose required courses are; null when all are completed.</param>
/// <param name="Steps">In order.</param>
public sealed record PathView(
    Guid PathId,
    Guid AuthorId,
    string Title,
    string Summary,
    string Status,
    long Version,
    bool Following,
    int Percent,
    Guid? NextCourseId,
    IReadOnlyList<PathStepView> Steps);

/// <summary>A course on a learning path.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="Slug">Its readable name in addresses.</param>
/// <param name="Title">Its title.</param>
/// <param name="Requires">Courses of the path that come before.</param>
/// <param name="Enrolled">Whether the caller is enrolled.</param>
/// <param name="Percent">The caller's progress.</param>
/// <param name="Completed">Whether the caller completed it.</param>
/// <param name="MissingRequired">Required courses that the caller has not completed.</param>
public sealed record PathStepView(
    Guid CourseId,
    string Slug,
    string Title,
    IReadOnlyList<Guid> Requires,
    bool Enrolled,
    int Percent,
    bool Completed,
    IReadOnlyList<Guid> MissingRequired);
