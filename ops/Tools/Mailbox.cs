using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdTech.Tools;

/// <summary>The mail catcher's mailbox of one address, by its REST API (maildev).</summary>
sealed partial class Mailbox(HttpClient http, Uri web)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Waits for the verification mail and takes the token out of it.</summary>
    public async Task<string> VerificationToken(string address, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            do
            {
                using var mails = JsonDocument.Parse(await http.GetStringAsync(new Uri(web, $"/api/email?to.address={Uri.EscapeDataString(address)}"), deadline.Token));
                foreach (var mail in mails.RootElement.EnumerateArray().Reverse())
                {
                    if (Token().Match(mail.GetProperty("text").GetString() ?? "") is { Success: true } match) return match.Groups["token"].Value;
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

    [GeneratedRegex("verify-email#token=(?<token>[A-Za-z0-9_-]+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}
