using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>A component as the archive holds it: its number among all components, its XML and, of an html component, its HTML.</summary>
sealed record OlxComponent(int Order, string Type, string Id, string Title, string Place, XElement Xml, string? Text);

sealed record OlxUnit(string Id, string Title, string Place, IReadOnlyList<OlxComponent> Components);

sealed record OlxSequence(string Title, IReadOnlyList<OlxUnit> Units);

sealed record OlxChapter(string Title, IReadOnlyList<OlxSequence> Sequences);

/// <summary>
/// The tree of an Open edX course in OLX: <c>course.xml</c> names the run, each element either holds its content or names the file
/// (<c>chapter/{url_name}.xml</c>) that does. Whatever cannot be read is in <see cref="Lost"/>.
/// </summary>
sealed class OlxCourse
{
    const int MaxComponents = 10_000;

    static readonly Dictionary<string, string> Randomised = new(StringComparer.Ordinal)
    {
        ["library_content"] = "is a random selection from a library; all of its components are imported",
        ["itembank"] = "is a random selection from a library; all of its components are imported",
        ["legacy_library_content"] = "is a random selection from a library; all of its components are imported",
        ["randomize"] = "shows one of its components at random; all of them are imported",
    };

    static readonly HashSet<string> Selective = new(StringComparer.Ordinal) { "conditional", "split_test" };
    static readonly HashSet<string> Containers = new(StringComparer.Ordinal) { "vertical", "wrapper", "unit", "problemset", "videosequence" };

    // What the course names beside its outline, and what describes rather than teaches.
    static readonly HashSet<string> CourseFurniture = new(StringComparer.Ordinal) { "wiki", "textbook", "pdf_textbook", "html_textbook", "static_tab", "grading_policy" };
    static readonly HashSet<string> FoldersOfOthers = new(StringComparer.Ordinal) { "course", "chapter", "sequential", "vertical", "about", "info", "policies", "static", "tabs", "assets", "drafts" };

    readonly IReadOnlyDictionary<string, byte[]> _files;
    readonly string _root;
    readonly HashSet<string> _used = new(StringComparer.Ordinal);
    readonly HashSet<string> _met = new(StringComparer.Ordinal);
    readonly Stack<string> _path = new();

    OlxCourse(CourseArchive archive, string root)
    {
        _files = archive.Texts;
        _root = root;
        Media = archive.Media;
    }

    public string Title { get; private set; } = "";
    public string Language { get; private set; } = "en";
    public string? ShortDescription { get; private set; }
    public string? Overview { get; private set; }
    public int PassPercent { get; private set; } = 50;
    public List<OlxChapter> Chapters { get; } = [];
    public List<(int Order, SkippedComponent Component)> Lost { get; } = [];
    public List<ImportNote> Notes { get; } = [];
    public IReadOnlySet<string> Media { get; }

    /// <summary>Components met, read or not.</summary>
    public int Found { get; private set; }

    /// <exception cref="ImportRefusedException">There is no course in the archive, or its tree bites its tail.</exception>
    public static OlxCourse Read(CourseArchive archive)
    {
        var entry = archive.Texts.Keys
            .Where(path => path is "course.xml" || path.EndsWith("/course.xml", StringComparison.Ordinal))
            .OrderBy(path => path.Count(c => c == '/'))
            .ThenBy(path => path, StringComparer.Ordinal)
            .FirstOrDefault();
        if (entry is null)
        {
            throw archive.Texts.Keys.Any(path => path is "library.xml" || path.EndsWith("/library.xml", StringComparison.Ordinal))
                ? new ImportRefusedException("import.not_a_course", "The archive holds a content library, not a course.")
                : new ImportRefusedException("import.not_a_course", "The archive holds no course.xml.");
        }

        var course = new OlxCourse(archive, entry[..^"course.xml".Length]);
        course.ReadCourse(entry);
        return course;
    }

    void ReadCourse(string entry)
    {
        var pointer = ParseOrRefuse(entry);
        if (!pointer.Is("course")) throw new ImportRefusedException("import.not_a_course", $"The first element of '{entry}' is '{ArchiveReader.Shown(pointer.Name())}', not 'course'.");
        var run = pointer.Said("url_name") ?? "";
        var course = pointer;
        if (!pointer.Elements().Any() && run.Length > 0)
        {
            var path = PathOf("course", run);
            if (!_files.ContainsKey(path)) throw new ImportRefusedException("import.malformed_course", $"'{entry}' names '{ArchiveReader.Shown(path)}', which is not in the archive.");
            course = ParseOrRefuse(path);
            if (!course.Is("course")) throw new ImportRefusedException("import.malformed_course", $"The first element of '{ArchiveReader.Shown(path)}' is not 'course'.");
        }

        Title = Cut(course.Said("display_name") ?? pointer.Said("display_name") ?? Policy(run, "display_name") ?? pointer.Said("course") ?? "Imported course");
        Language = course.Said("language") ?? Policy(run, "language") ?? "en";
        ShortDescription = Text("about/short_description.html");
        Overview = Text("about/overview.html") ?? Text("about/description.html");
        PassPercent = Cutoff(run);

        foreach (var child in course.Elements())
        {
            if (child.Is("chapter")) ReadChapter(child);
            else if (child.Is("sequential", "vertical") || !CourseFurniture.Contains(child.Name())) ReadStray(child, "");
        }

        ListUnreferenced();
    }

    void ReadChapter(XElement reference)
        => Within(reference, "", (chapter, title) =>
        {
            List<OlxSequence> sequences = [];
            foreach (var child in chapter.Elements())
            {
                if (!child.Is("sequential", "videosequence"))
                {
                    ReadStray(child, title);
                    continue;
                }

                Within(child, title, (sequence, sequenceTitle) =>
                {
                    List<OlxUnit> units = [];
                    foreach (var unit in sequence.Elements()) ReadUnit(unit, $"{title} › {sequenceTitle}", units);
                    sequences.Add(new OlxSequence(sequenceTitle, units));
                });
            }

            Chapters.Add(new OlxChapter(title, sequences));
        });

    void ReadUnit(XElement reference, string place, List<OlxUnit> units)
    {
        // Old courses put components straight into the sequence.
        if (!Containers.Contains(reference.Name()))
        {
            List<OlxComponent> single = [];
            ReadComponent(reference, place, single);
            if (single.Count > 0) units.Add(new OlxUnit(single[0].Id, single[0].Title, place, single));
            return;
        }

        Within(reference, place, (unit, title) =>
        {
            List<OlxComponent> components = [];
            foreach (var child in unit.Elements()) ReadComponent(child, $"{place} › {title}", components);
            units.Add(new OlxUnit(reference.Said("url_name") ?? "", title, place, components));
        });
    }

    void ReadComponent(XElement reference, string place, List<OlxComponent> components)
    {
        if (Containers.Contains(reference.Name()))
        {
            Within(reference, place, (container, _) =>
            {
                foreach (var child in container.Elements()) ReadComponent(child, place, components);
            });
        }
        else if (Randomised.TryGetValue(reference.Name(), out var how))
        {
            Within(reference, place, (container, title) =>
            {
                var children = container.Elements().ToList();
                if (children.Count == 0)
                {
                    Lose(reference, title, place, "library.empty", "It names a library whose content is not in the archive.");
                    return;
                }

                Note(reference, place, "random.all_imported", $"'{title}' {how}.");
                foreach (var child in children) ReadComponent(child, place, components);
            });
        }
        else if (Selective.Contains(reference.Name()))
        {
            Within(reference, place, (container, title) =>
            {
                foreach (var child in container.Elements().Where(e => !e.Is("show"))) LoseWhole(child, place, "component.conditional", $"It is shown to some learners only ('{title}'), which lessons cannot be.");
            });
        }
        else
        {
            ReadLeaf(reference, place, components);
        }
    }

    void ReadLeaf(XElement reference, string place, List<OlxComponent> components)
    {
        if (Resolve(reference, place) is not { } xml) return;
        var title = Cut(xml.Said("display_name") ?? reference.Said("display_name") ?? "");
        string? text = null;
        if (xml.Is("html"))
        {
            // The text lies beside its description, or is the element's own content.
            if (xml.Said("filename") is { } filename)
            {
                var path = PathOf("html", filename, ".html");
                _used.Add(path);
                text = _files.TryGetValue(path, out var bytes) ? Decode(bytes) : null;
                if (text is null)
                {
                    Lose(reference, title, place, "component.missing_file", $"'{ArchiveReader.Shown(path)}' is not in the archive.");
                    return;
                }
            }
            else
            {
                text = OlxXml.ToHtml(xml.Nodes());
            }
        }

        Count();
        components.Add(new OlxComponent(Found, xml.Name(), reference.Said("url_name") ?? "", title, place, xml, text));
    }

    /// <summary>Something that stands where no component can stand, or of a kind unknown there.</summary>
    void ReadStray(XElement reference, string place) => LoseWhole(reference, place, "component.out_of_place", "It stands outside of any unit.");

    /// <summary>The components in an element that is not imported: each of them is listed.</summary>
    void LoseWhole(XElement reference, string place, string code, string reason)
    {
        var container = Containers.Contains(reference.Name()) || Randomised.ContainsKey(reference.Name()) || Selective.Contains(reference.Name()) || reference.Is("sequential", "chapter");
        if (container)
        {
            Within(reference, place, (element, _) =>
            {
                foreach (var child in element.Elements().Where(e => !e.Is("show"))) LoseWhole(child, place, code, reason);
            });
        }
        else if (Resolve(reference, place) is { } xml)
        {
            Lose(reference, xml.Said("display_name"), place, code, reason);
        }
    }

    void Within(XElement reference, string place, Action<XElement, string> read)
    {
        var key = Key(reference);
        if (key is not null && _path.Contains(key))
            throw new ImportRefusedException("import.cyclic", $"'{ArchiveReader.Shown(key)}' contains itself.");
        if (_path.Count > 40) throw new ImportRefusedException("import.too_deep", $"'{ArchiveReader.Shown(key ?? reference.Name())}' lies more than 40 containers deep.");
        if (Resolve(reference, place) is not { } element) return;
        _path.Push(key ?? "");
        read(element, Cut(element.Said("display_name") ?? reference.Said("display_name") ?? Titled(reference)));
        _path.Pop();
    }

    /// <summary>The element itself, or the file that it points at; null when it is lost, which is then listed.</summary>
    XElement? Resolve(XElement reference, string place)
    {
        if (Key(reference) is { } key)
        {
            if (_path.Contains(key)) throw new ImportRefusedException("import.cyclic", $"'{ArchiveReader.Shown(key)}' contains itself.");
            if (!_met.Add(key))
            {
                Lose(reference, null, place, "component.repeated", "It stands in the course more than once; the first place keeps it.");
                return null;
            }
        }

        var id = reference.Said("url_name");
        if (id is null) return reference;
        var path = PathOf(reference.Name(), id);
        var pointer = !reference.Elements().Any() && string.IsNullOrWhiteSpace(reference.Value);
        if (!pointer) return reference;
        _used.Add(path);
        if (!_files.TryGetValue(path, out var file))
        {
            // An element without content of its own (a discussion) has no file; one that only names itself has lost it.
            if (reference.Attributes().Count() > 1) return reference;
            Lose(reference, null, place, "component.missing_file", $"'{ArchiveReader.Shown(path)}' is not in the archive.");
            return null;
        }

        try
        {
            var element = OlxXml.Parse(file);
            if (element.Is(reference.Name())) return element;
            Lose(reference, null, place, "component.malformed", $"'{ArchiveReader.Shown(path)}' holds a '{ArchiveReader.Shown(element.Name())}'.");
        }
        catch (XmlException e)
        {
            Lose(reference, null, place, "component.malformed", $"'{ArchiveReader.Shown(path)}' cannot be read: {e.Message}");
        }

        return null;
    }

    void ListUnreferenced()
    {
        foreach (var path in _files.Keys.Order(StringComparer.Ordinal))
        {
            if (!path.StartsWith(_root, StringComparison.Ordinal) || _used.Contains(path)) continue;
            var parts = path[_root.Length..].Split('/');
            if (parts.Length < 2 || FoldersOfOthers.Contains(parts[0]) || !path.EndsWith(".xml", StringComparison.Ordinal)) continue;
            var id = string.Join('/', parts[1..])[..^".xml".Length];
            Count();
            Lost.Add((Found, new SkippedComponent(parts[0], id, parts[0], "", "component.unreferenced", "No unit of the course names it.")));
        }

        foreach (var folder in (string[])["chapter", "sequential", "vertical"])
        {
            foreach (var path in _files.Keys.Where(p => p.StartsWith($"{_root}{folder}/", StringComparison.Ordinal) && p.EndsWith(".xml", StringComparison.Ordinal) && !_used.Contains(p)).Order(StringComparer.Ordinal))
            {
                Count();
                Lost.Add((Found, new SkippedComponent(folder, Path.GetFileNameWithoutExtension(path), folder, "", "component.unreferenced", "Nothing in the course's outline names it.")));
            }
        }
    }

    void Lose(XElement reference, string? title, string place, string code, string reason)
    {
        Count();
        Lost.Add((Found, new SkippedComponent(reference.Name(), Cut(reference.Said("url_name") ?? ""), Cut(title is { Length: > 0 } ? title : Titled(reference)), place, code, reason)));
    }

    void Note(XElement reference, string place, string code, string message)
        => Notes.Add(new ImportNote(reference.Name(), reference.Said("url_name") ?? "", place, code, message));

    void Count()
    {
        if (++Found > MaxComponents) throw new ImportRefusedException("import.too_many_components", $"The course has more than {MaxComponents} components.");
    }

    static string Titled(XElement reference) => reference.Said("display_name") ?? reference.Name() switch
    {
        "chapter" => "Chapter",
        "sequential" => "Part",
        "vertical" => "Unit",
        var other => other,
    };

    static string? Key(XElement reference) => reference.Said("url_name") is { } id ? $"{reference.Name()}/{id}" : null;

    string PathOf(string folder, string id, string suffix = ".xml") => $"{_root}{folder}/{id.Replace(':', '/')}{suffix}";

    string? Text(string path) => _files.TryGetValue(_root + path, out var bytes) && Decode(bytes) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    XElement ParseOrRefuse(string path)
    {
        try
        {
            return OlxXml.Parse(_files[path]);
        }
        catch (XmlException e)
        {
            throw new ImportRefusedException("import.malformed_course", $"'{ArchiveReader.Shown(path)}' cannot be read: {e.Message}", e);
        }
    }

    string? Policy(string run, string name)
    {
        if (Json($"policies/{run}/policy.json") is not { } policy) return null;
        return policy.ValueKind == JsonValueKind.Object
            && policy.TryGetProperty($"course/{run}", out var course) && course.ValueKind == JsonValueKind.Object
            && course.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
    }

    int Cutoff(string run)
    {
        // The lowest grade that passes, 0.5 when nothing is said.
        if ((Json($"policies/{run}/grading_policy.json") ?? Json("policies/grading_policy.json")) is not { ValueKind: JsonValueKind.Object } policy
            || !policy.TryGetProperty("GRADE_CUTOFFS", out var cutoffs) || cutoffs.ValueKind != JsonValueKind.Object)
            return 50;
        var lowest = cutoffs.EnumerateObject()
            .Select(c => c.Value.ValueKind == JsonValueKind.Number && c.Value.TryGetDouble(out var number) ? number : 0)
            .Where(number => number is > 0 and <= 1)
            .DefaultIfEmpty(0.5)
            .Min();
        return (int)Math.Round(lowest * 100);
    }

    JsonElement? Json(string path)
    {
        if (!_files.TryGetValue(_root + path, out var bytes)) return null;
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            Notes.Add(new ImportNote("course", "", "", "policy.malformed", $"'{path}' is not JSON and was left aside: {e.Message}"));
            return null;
        }
    }

    static string Cut(string text)
    {
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length > 200 ? text[..199] + "…" : text;
    }

    static string Decode(byte[] bytes) => Encoding.UTF8.GetString(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes);
}
