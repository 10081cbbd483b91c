namespace EdTech.Tools;

/// <summary>The demo catalogue's people. For trying out on one's own machine only: their passwords are in the repository.</summary>
static class DemoAccounts
{
    public const string Password = "Demo-Only-2026!";

    public static readonly DemoAccount Mira = new("mira", "mira.tutor@demo.example", "Mira Castel");
    public static readonly DemoAccount Jonas = new("jonas", "jonas.tutor@demo.example", "Jonas Albrecht");
    public static readonly DemoAccount Ines = new("ines", "ines.tutor@demo.example", "Inês Marques");
    public static readonly DemoAccount Sam = new("sam", "sam.student@demo.example", "Sam Okoye");

    public static IReadOnlyList<DemoAccount> Tutors { get; } = [Mira, Jonas, Ines];

    /// <summary>Signs in; registers first where there is no such account yet.</summary>
    /// <returns>Whether anything had to be done.</returns>
    public static async Task<bool> SignInOrRegister(PlatformClient client, Mailbox mailbox, DemoAccount account, bool tutor, CancellationToken ct)
    {
        try
        {
            await client.SignIn(account.Email, Password, ct);
            return tutor && await EnsureTutor(client, ct);
        }
        catch (ApiException e) when (e.Status is System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.Forbidden or System.Net.HttpStatusCode.UnprocessableEntity or System.Net.HttpStatusCode.Conflict)
        {
            // No such account, or one that was never verified; the answer does not tell which.
        }

        var known = await mailbox.Known(account.Email, ct);
        await client.Register(account.Email, Password, account.Name, ct);
        await client.VerifyEmail(await mailbox.VerificationToken(account.Email, known, ct), ct);
        await client.SignIn(account.Email, Password, ct);
        if (tutor) await EnsureTutor(client, ct);
        return true;
    }

    static async Task<bool> EnsureTutor(PlatformClient client, CancellationToken ct)
    {
        try
        {
            await client.AuthoredCourses(ct);
            return false;
        }
        catch (ApiException e) when (e.Status == System.Net.HttpStatusCode.Forbidden)
        {
            await client.BecomeTutor(ct);
            return true;
        }
    }
}

sealed record DemoAccount(string Key, string Email, string Name);
