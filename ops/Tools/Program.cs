using EdTech.Tools;

const string Usage = """
    EdTech.Tools COMMAND --gateway URL …

      import PATH [--publish] [--email E --password P]   an Open edX course (.tar.gz, or a folder of OLX) becomes a course; the demo tutor's by default
      demo                                                loads the demo catalogue; repeating it changes nothing
      cohort --course ID --learners N [--parallel N] [--email E --password P]
                                                          scripted learners study a course to its certificate; the account is the course's tutor
      records TOPIC [--last N]                            the newest records of a Kafka topic (EDTECH_KAFKA), one JSON line each
      errors list|show|retry|export …                     the bus' error queue (EDTECH_RABBITMQ): see ops/errors
    """;

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};

try
{
    var arguments = new Arguments(args);
    return arguments.Command switch
    {
        "import" => await ImportCommand.Run(arguments, interrupted.Token),
        "demo" => await DemoCommand.Run(arguments, interrupted.Token),
        "cohort" => await CohortCommand.Run(arguments, interrupted.Token),
        "records" => await RecordsCommand.Run(arguments, interrupted.Token),
        "errors" => await ErrorsCommand.Run(arguments, interrupted.Token),
        _ => throw new UsageException(Usage),
    };
}
catch (Exception e) when (e is UsageException or ApiException or HttpRequestException or Confluent.Kafka.KafkaException or IOException or TimeoutException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
