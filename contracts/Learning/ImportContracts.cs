namespace EdTech.Contracts.Learning;

/// <summary>What came of an imported course archive: the answer to the upload and, later, to whoever asks for the import.</summary>
/// <param name="ImportId">The import's id.</param>
/// <param name="CourseId">The draft course that was made of it, owned by whoever uploaded.</param>
/// <param name="ImportedAt">UTC instant.</param>
/// <param name="ArchiveSha256">Hash of the uploaded bytes, lower-case hexadecimal.</param>
/// <param name="Report">What was imported, and what was not and why.</param>
public sealed record CourseImportView(Guid ImportId, Guid CourseId, DateTimeOffset ImportedAt, string ArchiveSha256, ImportReport Report);

/// <summary>Accounts for every component that the archive holds: <c>Found</c> is the sum of <c>Imported</c> and the number of <c>Skipped</c>.</summary>
/// <param name="Format"><c>olx</c>: Open edX.</param>
/// <param name="Title">The course's title.</param>
/// <param name="Sections">Sections made.</param>
/// <param name="Lessons">Lessons made, by kind.</param>
/// <param name="Questions">Quiz questions made.</param>
/// <param name="Found">Components in the archive, wherever they are.</param>
/// <param name="Imported">Components that became content, by their type in the archive.</param>
/// <param name="Skipped">What did not become content, in the order of the course; what is in no unit comes last.</param>
/// <param name="Notes">What was imported otherwise than it was: links, pictures, settings. At most 2,000.</param>
/// <param name="NotesLeftOut">Notes beyond that number.</param>
public sealed record ImportReport(
    string Format,
    string Title,
    int Sections,
    IReadOnlyDictionary<string, int> Lessons,
    int Questions,
    int Found,
    IReadOnlyDictionary<string, int> Imported,
    IReadOnlyList<SkippedComponent> Skipped,
    IReadOnlyList<ImportNote> Notes,
    int NotesLeftOut);

/// <summary>A component that was not imported.</summary>
/// <param name="Type">Its type in the archive: <c>problem</c>, <c>lti</c>.</param>
/// <param name="Id">Its name in the archive; empty when it has none.</param>
/// <param name="Title">Its title, else its type.</param>
/// <param name="Place">Chapter, sequence and unit that it stands in.</param>
/// <param name="Code">Why, for programs: <c>problem.unsupported_response</c>.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record SkippedComponent(string Type, string Id, string Title, string Place, string Code, string Reason);

/// <summary>Something that was imported with a difference.</summary>
/// <param name="Type">Type of the component.</param>
/// <param name="Id">Its name in the archive.</param>
/// <param name="Place">Chapter, sequence and unit that it stands in.</param>
/// <param name="Code">What differs, for programs: <c>media.not_in_archive</c>.</param>
/// <param name="Message">What differs, for people.</param>
public sealed record ImportNote(string Type, string Id, string Place, string Code, string Message);
