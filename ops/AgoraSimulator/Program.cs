using EdTech.AgoraSimulator;

await using var simulator = AgoraSimulatorHost.Build(args);
await simulator.RunAsync();
