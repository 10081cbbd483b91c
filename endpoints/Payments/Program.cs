using EdTech.Payments;

await PaymentsEndpoint.Build(args).RunAsync();
