using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdTech.Tools;

/// <summary>The mail catcher's mailbox of one address, by its REST API (maildev).</summary>
sealed partial class Mailbox(HttpClient http, Uri web)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The ids of the mails that are there already: their tokens may be those of another platform.</summary>
    public async Task<IReadOnlySet<string>> Known(string address, CancellationToken ct) => (await Mails(address, ct)).Select(m => m.Id).ToHashSet(StringComparer.Ordinal);

    /// <summary>Waits for a verification mail that is not among the known ones and takes the token out of it.</summary>
    public async Task<string> VerificationToken(string address, IReadOnlySet<string> known, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            do
            {
                foreach (var (_, text) in (await Mails(address, deadline.Token)).Where(m => !known.Contains(m.Id)))
                {
                    if (Token().Match(text) is { Success: true } match) return match.Groups["token"].Value;
                }
            }
            while (await timer.WaitForNextTickAsync(deadline.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Told below, by name.
        }

        throw new TimeoutException($"No verification mail arrived for {address} within {Patience.TotalSeconds} s. Look at {web}.");
    }

    async Task<List<(string Id, string Text)>> Mails(string address, CancellationToken ct)
    {
        using var mails = JsonDocument.Parse(await http.GetStringAsync(new Uri(web, $"/api/email?to.address={Uri.EscapeDataString(address)}"), ct));
        return [.. mails.RootElement.EnumerateArray().Select(m => (m.GetProperty("id").GetString() ?? "", m.GetProperty("text").GetString() ?? ""))];
    }

    [GeneratedRegex("verify-email#token=(?<token>[A-Za-z0-9_-]+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}
