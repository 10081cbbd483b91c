using EdTech.Joined;

await using var platform = new JoinedPlatform(args);
var stopping = platform.Stopping;
await platform.Start();
await stopping;
await platform.Stop();
