using System.Net;
using System.Net.Http.Json;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using Shouldly;

namespace EdTech.Users.Tests;

/// <summary>Other workers ask where a person is written to; nobody asks it on behalf of a caller.</summary>
public sealed class AccountContactTests(UsersFixture users)
{
    [Fact]
    public async Task A_worker_is_told_where_a_person_is_written_to()
    {
        var member = await users.Member();

        var contact = await users.Worker.Api().GetFromJsonAsync<AccountContact>(Path(member.Id));

        contact!.Email.ShouldBe(member.Email);
        contact.DisplayName.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Nobody_is_told_on_behalf_of_a_caller()
    {
        var member = await users.Member();

        foreach (var caller in new[] { new Actor(member.Id, ["learn"]), new Actor(Guid.NewGuid(), ["accounts.read", "accounts.suspend"]) })
            (await users.Worker.Api(caller).GetAsync(Path(member.Id))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Who_does_not_exist_has_no_address()
        => (await users.Worker.Api().GetAsync(Path(Guid.NewGuid()))).StatusCode.ShouldBe(HttpStatusCode.NotFound);

    static Uri Path(Guid account) => new($"/internal/users/accounts/{account}/contact", UriKind.Relative);
}
