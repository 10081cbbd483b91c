using System.Formats.Tar;
using System.Text;
using Shouldly;
using static EdTech.Learning.Tests.ImportArchives;

namespace EdTech.Learning.Tests;

public sealed class ImportArchiveTests
{
    const string Html = """<html display_name="Text"><p>Bees dance to tell where the flowers are.</p></html>""";

    [Fact]
    public async Task A_small_course_becomes_a_lesson()
    {
        var import = await Import(CourseOf(Html));

        import.Details.Title.ShouldBe("Bees");
        import.Outline.Single().Title.ShouldBe("First · Beginnings");
        import.Outline.Single().Lessons.Single().Title.ShouldBe("A unit");
        import.Lessons.Single().Content.Html.ShouldBe("<p>Bees dance to tell where the flowers are.</p>");
    }

    [Fact]
    public async Task A_tar_that_is_not_packed_is_read_too()
        => (await Import(Tar(CourseOf(Html).Select(f => Text(f.Key, f.Value))))).Report.Found.ShouldBe(1);

    [Theory]
    [InlineData("../outside.xml")]
    [InlineData("course/../../outside.xml")]
    [InlineData("/etc/passwd.xml")]
    [InlineData("C:/windows.xml")]
    [InlineData("course\\..\\outside.xml")]
    public async Task A_path_that_leads_out_of_the_archive_is_refused_by_name(string path)
    {
        var refused = await Refused(Gz(Tar([Text("course/course.xml", "<course/>"), Text(path, "x")])));

        refused.Code.ShouldBe("import.unsafe_path");
        refused.Message.ShouldContain(path);
    }

    [Fact]
    public async Task A_path_of_too_many_folders_is_refused()
        => (await Refused(Gz(Tar([Text(string.Concat(Enumerable.Repeat("d/", 21)) + "a.xml", "x")])))).Code.ShouldBe("import.unsafe_path");

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "import.link")]
    [InlineData(TarEntryType.HardLink, "import.link")]
    [InlineData(TarEntryType.Fifo, "import.special_entry")]
    [InlineData(TarEntryType.CharacterDevice, "import.special_entry")]
    [InlineData(TarEntryType.BlockDevice, "import.special_entry")]
    public async Task Links_and_devices_are_refused(TarEntryType type, string code)
    {
        var entry = new PaxTarEntry(type, "course/evil.xml");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink) entry.LinkName = "/etc/passwd";

        var refused = await Refused(Gz(Tar([entry])));

        refused.Code.ShouldBe(code);
        refused.Message.ShouldContain("course/evil.xml");
    }

    [Fact]
    public async Task An_entry_that_is_there_twice_is_refused()
        => (await Refused(Gz(Tar([Text("course/course.xml", "<course/>"), Text("course//./course.xml", "<course/>")])))).Code.ShouldBe("import.duplicate_entry");

    [Fact]
    public async Task Too_many_entries_are_refused()
        => (await Refused(TarGz(Enumerable.Range(0, 11).ToDictionary(i => $"course/html/{i}.html", _ => "x")), new ArchiveLimits { Entries = 10 })).Code.ShouldBe("import.too_many_entries");

    [Fact]
    public async Task An_entry_that_is_too_large_is_refused_before_it_is_read()
        => (await Refused([.. Header("course/course.xml"u8.ToArray(), "77777777777")])).Code.ShouldBe("import.too_large");

    [Fact]
    public async Task More_bytes_than_a_course_has_are_refused()
        => (await Refused(TarGz(Enumerable.Range(0, 5).ToDictionary(i => $"static/{i}.png", _ => new string('x', 3000))), new ArchiveLimits { Bytes = 10_000 })).Code.ShouldBe("import.too_large");

    [Fact]
    public async Task More_text_than_is_kept_is_refused()
        => (await Refused(TarGz(Enumerable.Range(0, 5).ToDictionary(i => $"html/{i}.html", _ => new string('x', 3000))), new ArchiveLimits { BytesKept = 10_000 })).Code.ShouldBe("import.too_large");

    [Fact]
    public async Task A_bomb_is_stopped_while_it_unpacks()
        => (await Refused(TarGz(Enumerable.Range(0, 9).ToDictionary(i => $"static/{i}.bin", _ => new string('\0', 2 << 20))))).Code.ShouldBe("import.compression_ratio");

    [Fact]
    public async Task A_header_that_claims_a_huge_extended_header_is_refused()
        => (await Refused(Header("course/x"u8.ToArray(), "17777777777", 'x'))).Code.ShouldBe("import.name_too_long");

    [Fact]
    public async Task A_name_that_is_not_utf8_is_refused()
        => (await Refused([.. Header([0x63, 0xff, 0xfe, 0x2e]), .. new byte[1024]])).Code.ShouldBe("import.name_not_utf8");

    [Fact]
    public async Task A_name_that_is_too_long_is_refused()
        => (await Refused(Gz(Tar([Text("course/" + new string('n', 600) + ".xml", "x")])))).Code.ShouldBe("import.name_too_long");

    [Fact]
    public async Task An_archive_that_is_cut_off_anywhere_is_refused()
    {
        var whole = TarGz(CourseOf(Html));
        for (var length = 0; length < whole.Length - 20; length += 97) (await Refused(whole[..length])).Code.ShouldBeOneOf("import.empty", "import.truncated", "import.malformed_archive");
        var tar = Tar(CourseOf(Html).Select(f => Text(f.Key, f.Value)));
        for (var length = 1; length < tar.Length - 1024; length += 511) (await Refused(tar[..length])).Code.ShouldBeOneOf("import.truncated", "import.malformed_archive");
    }

    [Fact]
    public async Task Bytes_that_are_no_archive_are_refused()
    {
        (await Refused([])).Code.ShouldBe("import.empty");
        (await Refused("PK\u0003\u0004 and so on"u8.ToArray())).Code.ShouldBe("import.unknown_format");
        (await Refused(Encoding.UTF8.GetBytes(new string('?', 2000)))).Code.ShouldBe("import.malformed_archive");
        (await Refused([0x1f, 0x8b, .. new byte[500]])).Code.ShouldBeOneOf("import.malformed_archive", "import.truncated");
    }

    [Fact]
    public async Task No_random_damage_gets_further_than_a_refusal()
    {
        var whole = TarGz(CourseOf(Html));
        var tar = Tar(CourseOf(Html).Select(f => Text(f.Key, f.Value)));
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var damaged = (byte[])(i % 2 == 0 ? whole : tar).Clone();
            for (var n = 0; n < 3; n++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                await Import(damaged);
            }
            catch (ImportRefusedException)
            {
                // What damage should come to. Anything else fails the test.
            }
        }
    }

    [Theory]
    [InlineData("""<!DOCTYPE course [<!ENTITY x SYSTEM "file:///etc/passwd">]><course>&x;</course>""")]
    [InlineData("""<!DOCTYPE course [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><course>&b;</course>""")]
    [InlineData("""<!DOCTYPE course SYSTEM "http://example.org/course.dtd"><course/>""")]
    [InlineData("<course><chapter></course>")]
    [InlineData("not xml")]
    public async Task A_course_xml_that_is_malformed_or_wants_entities_is_refused(string xml)
    {
        var refused = await Refused(TarGz(new Dictionary<string, string> { ["course/course.xml"] = xml }));

        refused.Code.ShouldBe("import.malformed_course");
        refused.Message.ShouldContain("course/course.xml");
    }

    [Fact]
    public async Task Elements_nested_without_end_are_refused()
        => (await Refused(TarGz(new Dictionary<string, string> { ["course.xml"] = string.Concat(Enumerable.Repeat("<course>", 100_000)) }))).Code.ShouldBe("import.malformed_course");

    [Fact]
    public async Task A_malformed_file_loses_only_its_component()
    {
        var import = await Import(CourseOf($"""{Html}<problem url_name="p1"/><problem url_name="p2"/><html url_name="h1"/>""",
            ("problem/p1.xml", "<problem><multiplechoiceresponse></problem>"),
            ("problem/p2.xml", """<!DOCTYPE problem [<!ENTITY x "y">]><problem>&x;</problem>"""),
            ("html/h1.xml", """<html filename="gone"/>""")));

        import.Report.Found.ShouldBe(4);
        import.Report.Imported.ShouldBe(new Dictionary<string, int> { ["html"] = 1 });
        import.Report.Skipped.Select(s => (s.Type, s.Id, s.Code)).ShouldBe(
        [
            ("problem", "p1", "component.malformed"), ("problem", "p2", "component.malformed"), ("html", "h1", "component.missing_file"),
        ]);
        import.Report.Skipped.ShouldAllBe(s => s.Place == "First › Beginnings › A unit");
    }

    [Fact]
    public async Task An_archive_without_a_course_is_refused()
    {
        (await Refused(TarGz(new Dictionary<string, string> { ["a/html/x.html"] = "x" }))).Code.ShouldBe("import.not_a_course");
        (await Refused(TarGz(new Dictionary<string, string> { ["library/library.xml"] = "<library/>" }))).Message.ShouldContain("library");
        (await Refused(TarGz(new Dictionary<string, string> { ["course.xml"] = "<library/>" }))).Code.ShouldBe("import.not_a_course");
        (await Refused(TarGz(new Dictionary<string, string> { ["course.xml"] = """<course url_name="gone" org="o" course="c"/>""" }))).Code.ShouldBe("import.malformed_course");
        (await Refused(TarGz(CourseOf("")))).Code.ShouldBe("import.nothing_to_learn");
    }

    [Theory]
    [InlineData("vertical/u1.xml", """<vertical><vertical url_name="u1"/></vertical>""")]
    [InlineData("vertical/u1.xml", """<vertical><vertical url_name="u2"/></vertical>""")]
    [InlineData("sequential/s1.xml", """<sequential><vertical url_name="u2"/></sequential>""")]
    public async Task A_tree_that_contains_itself_is_refused(string path, string xml)
    {
        var files = CourseOf(Html, ("vertical/u2.xml", """<vertical><library_content url_name="l1"/></vertical>"""), ("library_content/l1.xml", """<library_content><wrapper><vertical url_name="u2"/></wrapper></library_content>"""));
        files[$"course/{path}"] = xml;

        (await Refused(TarGz(files))).Code.ShouldBe("import.cyclic");
    }

    [Fact]
    public async Task What_the_course_names_twice_is_imported_once()
    {
        var import = await Import(CourseOf("""<html url_name="h1"/><html url_name="h1"/>""", ("html/h1.xml", """<html filename="h1"/>"""), ("html/h1.html", "<p>Once.</p>")));

        import.Report.Found.ShouldBe(2);
        import.Report.Skipped.Single().Code.ShouldBe("component.repeated");
    }

    [Fact]
    public async Task What_no_unit_names_is_listed()
    {
        var import = await Import(CourseOf(Html, ("problem/stray.xml", "<problem/>"), ("vertical/stray.xml", "<vertical/>"), ("about/overview.html", "<p>All about bees.</p>")));

        import.Report.Skipped.Select(s => (s.Type, s.Id, s.Code)).ShouldBe([("problem", "stray", "component.unreferenced"), ("vertical", "stray", "component.unreferenced")]);
        import.Report.Found.ShouldBe(3);
        import.Details.DescriptionHtml.ShouldBe("<p>All about bees.</p>");
        import.Details.Summary.ShouldBe("All about bees.");
    }
}
