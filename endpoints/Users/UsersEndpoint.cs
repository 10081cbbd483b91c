using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;

namespace EdTech.Users;

/// <summary>Identity and access: accounts, sign-in, sessions, profiles, roles.</summary>
public static class UsersEndpoint
{
    /// <summary>The name of the endpoint and of its queue.</summary>
    public const string Name = "EdTech.Users";

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args)
        => WorkerHost.Build(new Worker(Name, typeof(UsersEndpoint).Assembly), args);
}
