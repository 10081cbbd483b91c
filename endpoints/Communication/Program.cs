using EdTech.Communication;

await CommunicationEndpoint.Build(args).RunAsync();
