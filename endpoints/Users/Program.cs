using EdTech.Users;

await UsersEndpoint.Build(args).RunAsync();
