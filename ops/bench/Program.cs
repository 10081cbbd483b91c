using EdTech.Bench;

// Without a role: the whole run. The roles are this program's own children, measured apart.
switch (args)
{
    case ["worker", .. var rest]:
        await HandledMessages.Run(rest);
        return 0;
    case ["broker-limit", .. var rest]:
        await BrokerLimit.Run(rest);
        return 0;
    case ["kestrel"]:
        await KestrelLimit.Run();
        return 0;
    case ["stripe"]:
        await Purchases.RunSimulator();
        return 0;
    case ["kestrel-kafka"]:
        await EventsIngest.RunBare();
        return 0;
    case ["streams"]:
        return await BenchRun.TryStreams() ? 0 : 1;
    case ["history"]:
        return await BenchRun.TryHistory() ? 0 : 1;
    case ["overload", var rows]:
        return await BenchRun.TryOverload(rows) ? 0 : 1;
    case ["writes"]:
        return await BenchRun.TryWrites() ? 0 : 1;
    case ["payments"]:
        return await BenchRun.TryPayments() ? 0 : 1;
    case ["try", .. var variants]:
        await BenchRun.Try(variants);
        return 0;
    case [var results, var catalogue]:
        return await BenchRun.Run(results, catalogue) ? 0 : 1;
    default:
        await Console.Error.WriteLineAsync("Run it by ops/bench/run.");
        return 2;
}
