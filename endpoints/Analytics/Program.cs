using EdTech.Analytics;

await AnalyticsEndpoint.Build(args).RunAsync();
