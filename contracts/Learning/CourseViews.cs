using System.Text.Json.Serialization;

namespace EdTech.Contracts.Learning;

/// <summary>Where a course is in its life.</summary>
[JsonConverter(typeof(CamelCaseEnum<CourseStatus>))]
public enum CourseStatus
{
    /// <summary>Never published.</summary>
    Draft,

    /// <summary>In the catalogue.</summary>
    Published,

    /// <summary>Out of the catalogue; its learners still have it.</summary>
    Archived,
}

/// <summary>One version of a course, as its page shows it.</summary>
/// <param name="CourseId">Which course.</param>
/// <param name="Slug">Its readable address.</param>
/// <param name="TutorId">Its owner.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="Version">The version that is shown.</param>
/// <param name="IsDraft">Whether that version is still being edited; only the owner and moderators see it then.</param>
/// <param name="Edit">What <c>If-Match</c> compares, also in the ETag.</param>
/// <param name="Details">What it says of itself.</param>
/// <param name="Outline">Sections and lessons, without content.</param>
/// <param name="Lessons">How many lessons.</param>
/// <param name="Minutes">The lessons' minutes, as far as they are known.</param>
/// <param name="Learners">How many have enrolled, over all versions.</param>
/// <param name="PublishedAt">When this version was published; null for a draft.</param>
/// <param name="HasDraft">Whether there are changes that are not published. Always false for others than the owner and moderators.</param>
public sealed record CourseView(
    Guid CourseId,
    string Slug,
    Guid TutorId,
    CourseStatus Status,
    int Version,
    bool IsDraft,
    long Edit,
    CourseDetails Details,
    IReadOnlyList<OutlineSection> Outline,
    int Lessons,
    int Minutes,
    int Learners,
    DateTimeOffset? PublishedAt,
    bool HasDraft);

/// <summary>A lesson of the newest version with its content and the keys of its questions, for the owner and moderators.</summary>
/// <param name="CourseId">Which course.</param>
/// <param name="Version">Of which version.</param>
/// <param name="SectionId">The section that it is in.</param>
/// <param name="Lesson">Its place in the outline.</param>
/// <param name="Content">Its content.</param>
/// <param name="Edit">The course's edit, also in the ETag.</param>
public sealed record CourseLessonView(Guid CourseId, int Version, Guid SectionId, OutlineLesson Lesson, LessonContent Content, long Edit);

/// <summary>A line in a tutor's list of own courses.</summary>
/// <param name="CourseId">Which course.</param>
/// <param name="Slug">Its readable address.</param>
/// <param name="Title">Of the draft, where there is one.</param>
/// <param name="Status">Where it is in its life.</param>
/// <param name="DraftVersion">The version with unpublished changes, or null.</param>
/// <param name="PublishedVersion">The version that new learners get, or null.</param>
/// <param name="Lessons">How many lessons the newest version has.</param>
/// <param name="Learners">How many have enrolled.</param>
/// <param name="Edit">What <c>If-Match</c> compares.</param>
/// <param name="CreatedAt">When it was begun.</param>
public sealed record AuthoredCourse(
    Guid CourseId,
    string Slug,
    string Title,
    CourseStatus Status,
    int? DraftVersion,
    int? PublishedVersion,
    int Lessons,
    int Learners,
    long Edit,
    DateTimeOffset CreatedAt);

/// <summary>Something that was done to a course: a line of its audit trail.</summary>
/// <param name="Entry">Counts up within the platform.</param>
/// <param name="ActorId">Who.</param>
/// <param name="What">The command's name.</param>
/// <param name="Edit">The course's edit afterwards.</param>
/// <param name="OccurredAt">When.</param>
public sealed record CourseHistoryEntry(long Entry, Guid ActorId, string What, long Edit, DateTimeOffset OccurredAt);

/// <summary>How catalogue results are ordered.</summary>
[JsonConverter(typeof(CamelCaseEnum<CatalogueSort>))]
public enum CatalogueSort
{
    /// <summary>Best match first; without search words the same as <see cref="Popular"/>.</summary>
    Relevance,

    /// <summary>Latest publication first.</summary>
    Newest,

    /// <summary>Most learners first.</summary>
    Popular,

    /// <summary>Free ones first, then by minor units; prices of different currencies are not converted.</summary>
    Price,
}

/// <summary>A page of the catalogue.</summary>
/// <param name="Items">At most the asked number of courses.</param>
/// <param name="Next">Opaque cursor of the following page; null on the last one.</param>
/// <param name="Total">How many courses match; a lower bound when <paramref name="Approximate"/>.</param>
/// <param name="Approximate">More courses match than are counted: <paramref name="Total"/> and the facets count a part of them, and relevance ranks that part and the most popular.</param>
/// <param name="Facets">What the matches are.</param>
/// <param name="SearchedFor">The words that were searched instead, where those of the query are not found; null when nothing was corrected.</param>
public sealed record CataloguePage(
    IReadOnlyList<CatalogueCourse> Items,
    string? Next,
    int Total,
    bool Approximate,
    CatalogueFacets Facets,
    string? SearchedFor);

/// <summary>A course in the catalogue.</summary>
/// <param name="CourseId">Which course.</param>
/// <param name="Slug">Its readable address.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">Its summary.</param>
/// <param name="TutorId">Its owner.</param>
/// <param name="Language">BCP 47 tag.</param>
/// <param name="Level">Its level.</param>
/// <param name="Subjects">Its subjects.</param>
/// <param name="Price">Null when free.</param>
/// <param name="Lessons">How many lessons.</param>
/// <param name="Minutes">The lessons' minutes, as far as they are known.</param>
/// <param name="Learners">How many have enrolled.</param>
/// <param name="PublishedAt">When the present version was published.</param>
/// <param name="TitleHtml">The title as HTML with the found words in <c>mark</c>; null without search words.</param>
/// <param name="SummaryHtml">The summary likewise.</param>
public sealed record CatalogueCourse(
    Guid CourseId,
    string Slug,
    string Title,
    string Summary,
    Guid TutorId,
    string Language,
    string Level,
    IReadOnlyList<string> Subjects,
    Money? Price,
    int Lessons,
    int Minutes,
    int Learners,
    DateTimeOffset PublishedAt,
    string? TitleHtml,
    string? SummaryHtml);

/// <summary>How the matching courses are distributed; the largest 50 counts of each.</summary>
/// <param name="Subjects">By subject; a course counts once for each of its subjects.</param>
/// <param name="Levels">By level.</param>
/// <param name="Languages">By language.</param>
/// <param name="Free">How many are free.</param>
/// <param name="Paid">How many are not.</param>
public sealed record CatalogueFacets(
    IReadOnlyList<FacetCount> Subjects,
    IReadOnlyList<FacetCount> Levels,
    IReadOnlyList<FacetCount> Languages,
    int Free,
    int Paid);

/// <summary>One value of a facet.</summary>
/// <param name="Value">As the filter takes it.</param>
/// <param name="Courses">How many matching courses have it.</param>
public sealed record FacetCount(string Value, int Courses);
