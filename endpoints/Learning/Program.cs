using EdTech.Learning;

await LearningEndpoint.Build(args).RunAsync();
