using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>A video component: at YouTube, at https addresses, or both.</summary>
static partial class OlxVideo
{
    /// <returns>Null when there is nothing to play from; the reason is then in <paramref name="reason"/>.</returns>
    public static VideoContent? Read(XElement video, List<(string Code, string Message)> losses, out string reason)
    {
        reason = "";
        var youTube = video.Said("youtube_id_1_0") ?? YouTubeAttribute(video.Said("youtube"));
        if (youTube is not null && !YouTubeId().IsMatch(youTube)) youTube = null;

        List<string> sources = [];
        List<string> unusable = [];
        foreach (var address in Html5Sources(video).Concat(video.Elements("source").Select(s => s.Said("src"))).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (address.Length <= 2000 && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "https") sources.Add(address);
            else unusable.Add(address.Length > 100 ? address[..99] + "…" : address);
        }

        if (youTube is not null) sources.Add($"https://www.youtube.com/watch?v={youTube}");
        if (sources.Count == 0)
        {
            reason = unusable.Count > 0
                ? $"It can only be played from '{unusable[0]}', which is no https address."
                : video.Said("edx_video_id") is null
                    ? "It names no address to play from."
                    : "It is kept in the old platform's own video store and names no address to play from.";
            return null;
        }

        if (sources.Count > 10)
        {
            losses.Add(("video.sources_left_out", $"{sources.Count - 10} of its addresses were left out; 10 are kept."));
            sources.RemoveRange(10, sources.Count - 10);
        }

        if (unusable.Count > 0) losses.Add(("video.sources_left_out", $"{unusable.Count} addresses that are not https were left out: {unusable[0]}."));
        var transcripts = video.Elements("transcript").Select(t => t.Said("language")).OfType<string>().ToList();
        if (transcripts.Count > 0)
            losses.Add(("video.captions_not_imported", $"Its captions ({string.Join(", ", transcripts.Take(10))}) are files of the old platform and were left out."));
        if (video.Said("handout") is not null || video.Element("handout") is not null) losses.Add(("video.handout_not_imported", "Its handout is a file of the old platform and was left out."));
        if (Seconds(video.Said("start_time")) > 0 || Seconds(video.Said("end_time")) > 0)
            losses.Add(("video.clip_ignored", "It was shown in part only; now all of it is shown."));

        return new VideoContent(sources, youTube, Duration(video), new Dictionary<string, string>(StringComparer.Ordinal));
    }

    static int? Duration(XElement video)
    {
        var asset = video.Element("video_asset")?.Said("duration");
        return double.TryParse(asset, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 86_400
            ? (int)Math.Round(seconds)
            : null;
    }

    static IEnumerable<string?> Html5Sources(XElement video)
    {
        if (video.Said("html5_sources") is not { } list) return [];
        try
        {
            using var json = JsonDocument.Parse(list);
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()).Take(100)]
                : [];
        }
        catch (JsonException)
        {
            // Exports of some years write Python's list; the same addresses stand in the source elements.
            return [];
        }
    }

    // "0.75:abc,1.00:def": an id for each speed. The one at full speed.
    static string? YouTubeAttribute(string? speeds)
        => speeds?.Split(',').Select(s => s.Split(':')).Where(s => s.Length == 2 && s[0].Trim() is "1.0" or "1.00" or "1").Select(s => s[1].Trim()).FirstOrDefault(id => id.Length > 0);

    static double Seconds(string? time)
    {
        if (time is null) return 0;
        return TimeSpan.TryParse(time, CultureInfo.InvariantCulture, out var span) ? span.TotalSeconds : 0;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{11}$", RegexOptions.NonBacktracking)]
    private static partial Regex YouTubeId();
}
