using System.Text.RegularExpressions;
using EdTech.Testing;
using Shouldly;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace EdTech.Contracts.Tests;

/// <summary>Where no container engine is, this is what can be said of docker-compose.yml and the files that its containers read.</summary>
public sealed partial class ComposeFileHolds
{
    static readonly Dictionary<string, object> Compose = Read("docker-compose.yml");
    static readonly Dictionary<string, Dictionary<object, object>> Services = Part(Compose["services"]).ToDictionary(s => (string)s.Key, s => Part(s.Value), StringComparer.Ordinal);

    [Fact]
    public void Every_service_has_a_pinned_image_and_what_it_depends_on_is_there()
    {
        foreach (var (name, service) in Services)
        {
            var image = (string)service["image"];
            (image.StartsWith("edtech/", StringComparison.Ordinal) || PinnedImage().IsMatch(image)).ShouldBeTrue($"{name} runs {image}");
            if (service.TryGetValue("depends_on", out var needed)) Part(needed).Keys.ShouldAllBe(n => Services.ContainsKey((string)n), $"of what {name} depends on");
        }
    }

    [Fact]
    public void Every_volume_is_declared_or_a_file_of_ours()
    {
        var declared = Part(Compose["volumes"]).Keys.Cast<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var volume in Services.Values.Where(s => s.ContainsKey("volumes")).SelectMany(s => (List<object>)s["volumes"]).Cast<string>().Select(v => v.Split(':')[0]))
        {
            (volume == "/" || declared.Contains(volume) || (volume.StartsWith("./", StringComparison.Ordinal) && Path.Exists(Path.Combine(FaultyStack.Repository, volume)))).ShouldBeTrue($"there is no {volume}");
        }
    }

    [Theory]
    [InlineData("ops/operators/prometheus.yml")]
    [InlineData("ops/operators/otel-collector.yml")]
    [InlineData("ops/operators/grafana-datasources.yml")]
    [InlineData("ops/operators/grafana-dashboards.yml")]
    [InlineData("ops/operators/alerts.yml")]
    public void What_operators_services_read_is_YAML_and_names_services(string file)
    {
        Read(file).ShouldNotBeEmpty();
        Address().Matches(File.ReadAllText(Path.Combine(FaultyStack.Repository, file))).Select(m => m.Groups["host"].Value).Where(h => h != "0.0.0.0").ShouldAllBe(h => Services.ContainsKey(h));
    }

    static Dictionary<string, object> Read(string file)
    {
        using var text = File.OpenText(Path.Combine(FaultyStack.Repository, file));
        return new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(text)));
    }

    static Dictionary<object, object> Part(object part) => (Dictionary<object, object>)part;

    [GeneratedRegex("^[a-z0-9/-]+:v?[0-9][a-z0-9.-]*$", RegexOptions.None, 1000)]
    private static partial Regex PinnedImage();

    [GeneratedRegex("\"(http://)?(?<host>[a-z0-9.-]+):[0-9]{4,5}\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();
}
