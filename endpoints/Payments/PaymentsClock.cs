using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quartz;

namespace EdTech.Payments;

/// <summary>
/// What happens at a time of day. Quartz, clustered on the payments database, fires each time on one worker; the job only sends a message whose id is the job and its day,
/// so that a second firing after a crash is the same message.
/// </summary>
sealed class PaymentsClock(IConfiguration configuration, NpgsqlDataSource db, ITransactionalSession session, ILoggerFactory logs) : BackgroundService
{
    readonly ILogger _log = logs.CreateLogger<PaymentsClock>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var ran = false; !ran;)
        {
            // A scheduler that failed to start cannot be started again, so each try has one of its own.
            await using var quartz = Build();
            try
            {
                await SchemaIsThere(stoppingToken);
                var scheduler = await quartz.GetRequiredService<ISchedulerFactory>().GetScheduler(stoppingToken);
                await scheduler.Start(stoppingToken);
                ran = true;
                await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
            }
            catch (Exception e) when (!ran && e is SchedulerException or NpgsqlException)
            {
                _log.LogInformation("The clock does not run yet, its database is away ({Reason}); it is tried again", e.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    ServiceProvider Build()
    {
        var connection = new NpgsqlConnectionStringBuilder(configuration.Database("payments")) { MaxPoolSize = 4, ApplicationName = "EdTech.Payments clock" };
        var services = new ServiceCollection();
        services.AddSingleton(logs);
        services.AddLogging();
        services.AddSingleton(session);
        services.AddQuartz(quartz =>
        {
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(connection.ConnectionString);
                store.UseClustering(_ => { });
                // Quartz makes and checks its own tables, qrtz_..., in the schema public.
                store.ProvisionSchema();
            });
            Cron<PayOutJob>(quartz, configuration["EDTECH_PAYOUTS_CRON"] ?? "0 0 6 * * ?");
            Cron<ReconcileJob>(quartz, configuration["EDTECH_RECONCILIATION_CRON"] ?? "0 0 4 * * ?");
            quartz.ScheduleJob<AskAgainJob>(trigger => trigger
                .WithIdentity(nameof(AskAgainJob))
                .StartNow()
                .WithSimpleSchedule(every => every.WithInterval(TimeSpan.FromSeconds(30)).RepeatForever().WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount)));
        });
        return services.BuildServiceProvider();
    }

    static void Cron<TJob>(IQuartzBuilder quartz, string expression)
        where TJob : IJob
        => quartz.ScheduleJob<TJob>(trigger => trigger
            .WithIdentity(typeof(TJob).Name)
            .WithCronSchedule(expression, cron => cron.InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed)));

    /// <summary>The worker's own migration makes the database.</summary>
    async Task SchemaIsThere(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await using var command = db.CreateCommand("SELECT to_regclass('payments.tutor_account') IS NOT NULL");
                if (await command.ExecuteScalarAsync(ct) is true)
                    return;
            }
            catch (NpgsqlException)
            {
                // Away, or not made yet: asked again below.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), ct);
        }
    }
}

/// <summary>Sends the day's payouts on their way.</summary>
sealed class PayOutJob(ITransactionalSession session) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var day = DateOnly.FromDateTime((context.ScheduledFireTimeUtc ?? context.FireTimeUtc).UtcDateTime);
        await session.Run(c => c.SendLocal(new SchedulePayouts(ClockActor.Instance, day), new SendOptions(MessageId: $"payouts/{day:yyyy-MM-dd}")), cancellationToken);
    }
}

/// <summary>Has yesterday compared with Stripe.</summary>
sealed class ReconcileJob(ITransactionalSession session) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var day = DateOnly.FromDateTime((context.ScheduledFireTimeUtc ?? context.FireTimeUtc).UtcDateTime).AddDays(-1);
        await session.Run(c => c.SendLocal(new ReconcileDay(ClockActor.Instance, day), new SendOptions(MessageId: $"reconcile/{day:yyyy-MM-dd}")), cancellationToken);
    }
}

/// <summary>Has calls without a known outcome made again.</summary>
sealed class AskAgainJob(ITransactionalSession session) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await session.Run(c => c.SendLocal(new AskAgain()), cancellationToken);
}

static class ClockActor
{
    public static Actor Instance { get; } = new(Guid.Empty, ["payments.admin", "payments.support"]);
}
