using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Contracts.Tests;

/// <summary>Who may refer to whom, and that a file's name finds it.</summary>
public sealed partial class BoundariesHold
{
    static readonly string Root = FaultyStack.Repository;

    [Fact]
    public void Contracts_depend_on_nothing()
        => ReferencesOf("contracts/EdTech.Contracts.csproj").ShouldBeEmpty();

    [Fact]
    public void An_endpoint_refers_to_hosting_and_contracts_and_to_no_other_endpoint()
    {
        foreach (var project in Directory.GetFiles(Path.Combine(Root, "endpoints"), "*.csproj", SearchOption.AllDirectories))
        {
            ReferencesOf(Path.GetRelativePath(Root, project)).Where(r => r.EndsWith(".csproj", StringComparison.Ordinal))
                .ShouldAllBe(r => r == "EdTech.Hosting.csproj" || r == "EdTech.Contracts.csproj", project);
        }
    }

    [Fact]
    public void The_gateway_refers_to_no_endpoint_and_opens_no_database()
    {
        ReferencesOf("gateway/EdTech.Gateway.csproj").Where(r => r.EndsWith(".csproj", StringComparison.Ordinal))
            .ShouldAllBe(r => r == "EdTech.Hosting.csproj" || r == "EdTech.Contracts.csproj");
        foreach (var file in Sources("gateway"))
        {
            File.ReadAllText(file).ShouldNotContain("Npgsql", customMessage: file);
        }
    }

    [Fact]
    public void Hosting_has_no_word_of_a_domain()
    {
        foreach (var file in Sources("endpoints/Hosting"))
        {
            DomainUse().IsMatch(File.ReadAllText(file)).ShouldBeFalse(file);
        }
    }

    [Fact]
    public void A_files_name_is_unique_in_the_repository()
        => new[] { "contracts", "endpoints", "gateway", "tests", "ops" }.SelectMany(Sources)
            .GroupBy(f => Path.GetFileName(f), StringComparer.OrdinalIgnoreCase)
            .Where(g => g.Count() > 1 && g.Key is not ("Program.cs" or "Usings.cs"))
            .Select(g => string.Join(" and ", g.Select(f => Path.GetRelativePath(Root, f))))
            .ShouldBeEmpty();

    [Fact]
    public void The_solution_holds_every_project()
    {
        var solution = File.ReadAllText(Path.Combine(Root, "EdTech.sln")).Replace('\\', '/');
        foreach (var project in Directory.GetFiles(Root, "*.csproj", SearchOption.AllDirectories))
        {
            solution.ShouldContain(Path.GetRelativePath(Root, project));
        }
    }

    [Fact]
    public void Every_path_that_the_README_names_exists()
    {
        foreach (Match match in PathInCode().Matches(File.ReadAllText(Path.Combine(Root, "README.md"))))
        {
            Path.Exists(Path.Combine(Root, match.Groups["path"].Value)).ShouldBeTrue($"README.md names {match.Groups["path"].Value}");
        }
    }

    static IEnumerable<string> Sources(string folder)
        => Directory.GetFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    static List<string> ReferencesOf(string project)
        => [.. XDocument.Load(Path.Combine(Root, project)).Descendants()
            .Where(e => e.Name.LocalName is "ProjectReference" or "PackageReference")
            .Select(e => Path.GetFileName(e.Attribute("Include")!.Value.Replace('\\', '/')))];

    [GeneratedRegex(@"EdTech\.(Contracts\.)?(Users|Learning|Matching|Payments|Reviews|Communication|Content|Notifications|Analytics|Assistant)\b(?!</c>|_|`)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DomainUse();

    [GeneratedRegex(@"`(?<path>(contracts|endpoints|gateway|tests|ops)/[A-Za-z0-9_./-]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PathInCode();
}
