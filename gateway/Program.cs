using EdTech.Gateway;

await GatewayApp.Build(args).RunAsync();
