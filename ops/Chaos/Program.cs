using System.Globalization;
using EdTech.Chaos;

if (args is ["rolling"])
{
    return (await RollingRun.Run(atOnce: 1, Console.WriteLine)).Held ? 0 : 1;
}

var options = new ChaosOptions(Random.Shared.Next(1, 1_000_000), Faults: 20, AtMost: TimeSpan.FromMinutes(60));
if (args is ["talk", ..])
{
    options = options with { Talk = new Talk(People: 200, Messages: 100_000) };
    args = args[1..];
}

for (var i = 0; i < args.Length; i += 2)
{
    if (i + 1 == args.Length || !int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
    {
        return Usage();
    }

    switch (args[i])
    {
        case "--seed":
            options = options with { Seed = number };
            break;
        case "--faults":
            options = options with { Faults = number };
            break;
        case "--minutes":
            options = options with { AtMost = TimeSpan.FromMinutes(number) };
            break;
        case "--people" when options.Talk is { } talk:
            options = options with { Talk = talk with { People = number } };
            break;
        case "--messages" when options.Talk is { } talk:
            options = options with { Talk = talk with { Messages = number } };
            break;
        default:
            return Usage();
    }
}

return (await ChaosRun.Run(options, Console.WriteLine)).Held ? 0 : 1;

static int Usage()
{
    Console.Error.WriteLine("ops/chaos [talk [--people N] [--messages N]] [--seed N] [--faults N] [--minutes N], or: ops/chaos rolling");
    return 2;
}
