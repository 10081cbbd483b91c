using EdTech.StripeSimulator;

await using var simulator = StripeSimulatorHost.Build(args);
await simulator.RunAsync();
