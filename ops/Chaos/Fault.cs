using EdTech.PlatformTesting;
using EdTech.Testing;

namespace EdTech.Chaos;

/// <summary>Something that breaks and is mended.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Target">What it happens to: two faults at once have different ones.</param>
/// <param name="Break">Breaks it.</param>
/// <param name="Mend">Completes when it is back.</param>
/// <param name="Progress">Counts writes that need what was broken: the first more says that the platform has recovered.</param>
sealed record Fault(string Name, string Target, Func<Task> Break, Func<Task> Mend, Func<long> Progress)
{
    public static IReadOnlyList<Fault> All(FaultyStack servers, Lines lines, PlatformUnderTest first, PlatformUnderTest second, PlatformUnderTest gateway, Trial trial)
    {
        var kafka = new HttpClient { BaseAddress = new Uri(servers.Settings["EDTECH_KAFKA_ADMIN"]), Timeout = TimeSpan.FromSeconds(20) };
        var dynamo = lines.Dynamo;
        Func<long> heard = () => trial.Conversations.Heard, writes = trial.OnlyTalk ? heard : () => first.Writes + second.Writes + gateway.Writes;
        Fault[] all =
        [
            Killed("the first instance", first),
            Killed("the second instance", second),
            Killed("a gateway", gateway),
            Server("PostgreSQL", "postgres", writes),
            Server("RabbitMQ", "rabbitmq", writes),
            Server("Redis", "redis", heard),
            new("Stripe killed", "stripe", first.KillSimulator, first.RestartSimulator, () => trial.Market.Opened),
            // The embedded broker forgets all when it is killed, as no Kafka does: the way to it is cut instead.
            new("Kafka out of reach", "kafka", () => Tell("down"), () => Tell("up"), () => trial.Conversations.Acknowledged),
            // DynamoDB Local answers before it has committed: the way to it, too.
            Line("DynamoDB", "dynamodb", dynamo, heard),
            new("three answers of DynamoDB lost", "dynamodb", () => Do(() => dynamo.Lose(3, "TransactWriteItems")), () => Task.CompletedTask, heard),
            new("DynamoDB silent", "dynamodb", () => Do(() => dynamo.Silent = true), () => Do(() => { dynamo.Cut(); dynamo.Silent = false; dynamo.Mend(); }), heard),
            new("RabbitMQ's memory alarm", "rabbitmq", () => servers.RabbitMqCtl("set_vm_memory_high_watermark", "absolute", "1MB"), () => servers.RabbitMqCtl("set_vm_memory_high_watermark", "absolute", "1GB"), writes),
            new("RabbitMQ's disk alarm", "rabbitmq", () => servers.RabbitMqCtl("set_disk_free_limit", "100000GB"), () => servers.RabbitMqCtl("set_disk_free_limit", "200MB"), writes),
            Line("PostgreSQL", "postgres", lines.Postgres, writes),
            Line("RabbitMQ", "rabbitmq", lines.Rabbit, writes),
            Line("Redis", "redis", lines.Redis, heard),
        ];
        return trial.OnlyTalk ? [.. all.Where(f => f.Target != "stripe")] : all;

        Fault Server(string name, string service, Func<long> progress) => new($"{name} killed", service, () => servers.Kill(service), () => servers.Restart(service), progress);

        Fault Killed(string name, PlatformUnderTest instance) => new($"{name} killed", instance.Url.ToString(), instance.Kill, instance.Restart, trial.OnlyTalk ? heard : () => instance.Writes);

        async Task Tell(string what)
        {
            using var answer = await kafka.PostAsync(new Uri($"/broker/{what}", UriKind.Relative), null);
            answer.EnsureSuccessStatusCode();
        }
    }

    static Fault Line(string name, string service, FragileLine line, Func<long> progress) => new($"the line to {name} cut", service, () => Do(line.Cut), () => Do(line.Mend), progress);

    static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
