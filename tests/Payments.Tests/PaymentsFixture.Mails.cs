using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EdTech.Contracts;
using EdTech.Testing;
using Npgsql;

namespace EdTech.Payments.Tests;

/// <summary>A payer whom mails reach.</summary>
public sealed record MailedPayer(Actor Actor, string Email);

public sealed partial class PaymentsFixture
{
    static readonly HttpClient Mail = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>A student with an account, and so with an address.</summary>
    public async Task<MailedPayer> Registered(string displayName = "Ñandú Ærø")
    {
        var email = $"{Guid.NewGuid():N}@example.test";
        using var users = new HttpClient { BaseAddress = new Uri(_users!.Urls.First()) };
        users.DefaultRequestHeaders.Authorization = new("Bearer", Infrastructure.Setting("EDTECH_INTERNAL_KEY"));
        using var registered = await users.PostAsJsonAsync("/internal/users/accounts", new { email, password = "Kestrel-umbra-41-quartz", displayName });
        registered.EnsureSuccessStatusCode();
        var database = Worker.Db.ConnectionString.Replace("_payments", "_users", StringComparison.Ordinal);
        await using var db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Password = new NpgsqlConnectionStringBuilder(Infrastructure.Setting("EDTECH_POSTGRES")).Password }.ConnectionString);
        await using var command = db.CreateCommand("SELECT account_id FROM users.account WHERE email_normalised = $1");
        command.Parameters.Add(new() { Value = email });
        return new(new Actor((Guid)(await command.ExecuteScalarAsync())!, ["learn"]), email);
    }

    /// <summary>The mails to this address with this subject, once there is one.</summary>
    public static async Task<JsonNode[]> Mails(string email, string subject)
    {
        JsonNode[] found = [];
        await WorkerUnderTest.Until(
            async () =>
            {
                var mails = JsonNode.Parse(await Mail.GetStringAsync(new Uri($"{Infrastructure.Setting("EDTECH_MAIL_WEB").TrimEnd('/')}/api/email?to.address={Uri.EscapeDataString(email)}")))!.AsArray();
                found = [.. mails.Where(m => m!["subject"]!.GetValue<string>().StartsWith(subject, StringComparison.Ordinal))!];
                return found.Length > 0;
            },
            $"a mail '{subject}' has come");
        return found;
    }
}
