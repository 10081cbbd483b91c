namespace EdTech.Contracts.Learning;

/// <summary>A version of a course became the one that new learners get: the first, or the next after changes.</summary>
/// <param name="CourseId">Which course.</param>
/// <param name="TutorId">Its owner.</param>
/// <param name="Version">Counts from 1.</param>
/// <param name="Slug">Its readable address; does not change after the first publication.</param>
/// <param name="Title">As in the catalogue.</param>
/// <param name="Summary">As in the catalogue.</param>
/// <param name="Language">BCP 47 tag.</param>
/// <param name="Level">As in the catalogue.</param>
/// <param name="Subjects">As in the catalogue.</param>
/// <param name="Price">Null when free.</param>
/// <param name="Lessons">How many lessons this version has; at least one.</param>
/// <param name="PublishedAt">When.</param>
public sealed record CoursePublished(
    Guid CourseId,
    Guid TutorId,
    int Version,
    string Slug,
    string Title,
    string Summary,
    string Language,
    string Level,
    IReadOnlyList<string> Subjects,
    Money? Price,
    int Lessons,
    DateTimeOffset PublishedAt) : IEvent;

/// <summary>A course left the catalogue: nobody can enrol until it is restored.</summary>
/// <param name="CourseId">Which course.</param>
/// <param name="TutorId">Its owner.</param>
/// <param name="ArchivedAt">When.</param>
public sealed record CourseArchived(Guid CourseId, Guid TutorId, DateTimeOffset ArchivedAt) : IEvent;

/// <summary>An archived course is back in the catalogue, with the version that it had.</summary>
/// <param name="CourseId">Which course.</param>
/// <param name="TutorId">Its owner.</param>
/// <param name="Version">The version that new learners get.</param>
/// <param name="RestoredAt">When.</param>
public sealed record CourseRestored(Guid CourseId, Guid TutorId, int Version, DateTimeOffset RestoredAt) : IEvent;
