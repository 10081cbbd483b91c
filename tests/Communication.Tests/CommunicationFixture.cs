using System.Net;
using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Testing;
using Microsoft.AspNetCore.Builder;
using Npgsql;

[assembly: AssemblyFixture(typeof(EdTech.Communication.Tests.CommunicationFixture))]

namespace EdTech.Communication.Tests;

/// <summary>The communication endpoint with the real users endpoint beside it; run once for the whole assembly. Tests make their own people and conversations.</summary>
public sealed partial class CommunicationFixture : IAsyncLifetime
{
    WebApplication? _users;
    NpgsqlDataSource? _usersDatabase;

    public WorkerUnderTest Worker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var users = $"http://127.0.0.1:{Infrastructure.FreePort()}";
        Worker = await WorkerUnderTest.Start("communication", CommunicationEndpoint.Build, [("EDTECH_USERS_URL", users), .. await StartAgora()]);
        Agora.Relay.Forward(Worker);
        _users = Users.UsersEndpoint.Build([.. Worker.Args]);
        await _users.StartAsync();
        await WorkerUnderTest.Ready(_users);
        _usersDatabase = (NpgsqlDataSource)_users.Services.GetService(typeof(NpgsqlDataSource))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _users!.StopAsync();
        await _users.DisposeAsync();
        await Worker.DisposeAsync();
        await Agora.DisposeAsync();
    }

    /// <summary>Somebody with a verified account.</summary>
    public async Task<Actor> Person(params string[] permissions) => (await People(1, permissions))[0];

    /// <summary>Several with verified accounts. Registering each by mail would say nothing about conversations.</summary>
    public async Task<Actor[]> People(int count, params string[] permissions)
    {
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToArray();
        await using var insert = _usersDatabase!.CreateCommand(
            """
            INSERT INTO users.account (account_id, email, email_normalised, created_at, email_verified_at)
            SELECT id, id || '@example.org', id || '@example.org', now(), now()
            FROM unnest($1) AS id
            """);
        insert.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await insert.ExecuteNonQueryAsync();
        return [.. ids.Select(id => new Actor(id, ["learn", .. permissions]))];
    }

    /// <summary>A group of its first member and the others.</summary>
    public async Task<Guid> Group(params Actor[] members)
    {
        var id = Guid.CreateVersion7();
        await Worker.Done(new OpenConversation(members[0], id, ConversationKind.Group, "A group", [.. members.Skip(1).Select(m => m.Id)]));
        await WorkerUnderTest.Until(async () => (await View(members[0], id))!.MemberCount == members.Length, "all members are in");
        return id;
    }

    /// <summary>The conversation as a person sees it, or null when they do not.</summary>
    public async Task<ConversationView?> View(Actor person, Guid conversation)
    {
        using var answer = await Worker.Api(person).GetAsync(new Uri($"/internal/communication/conversations/{conversation}", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(CommunicationJson.Web.ConversationView);
    }
}
