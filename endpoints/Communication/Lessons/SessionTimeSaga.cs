using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Local: a lesson is planned; watch its time.</summary>
sealed record WatchSession(Guid SessionId, DateTimeOffset NoShowAt, DateTimeOffset LastEnd);

/// <summary>No lesson waits for ever: neither for those who do not come, nor for those who do not go.</summary>
sealed class SessionTimeSaga : Saga<SessionTimeData>,
    IAmStartedByMessages<WatchSession>,
    IHandleTimeouts<NoShowDue>,
    IHandleTimeouts<OvertimeOver>,
    IHandleMessages<SessionEnded>,
    IHandleMessages<SessionCancelled>
{
    protected override void ConfigureHowToFindSaga(SagaPropertyMapper<SessionTimeData> mapper)
        => mapper.MapSaga(saga => saga.SessionId)
            .ToMessage<WatchSession>(m => m.SessionId)
            .ToMessage<SessionEnded>(m => m.SessionId)
            .ToMessage<SessionCancelled>(m => m.SessionId);

    public async Task Handle(WatchSession message, IMessageHandlerContext context)
    {
        Data.SessionId = message.SessionId;
        await RequestTimeout(context, Until(message.NoShowAt, context), new NoShowDue());
        await RequestTimeout(context, Until(message.LastEnd, context), new OvertimeOver());
    }

    public async Task Timeout(NoShowDue state, IMessageHandlerContext context)
    {
        if (await context.Items.Table.FindSession(Data.SessionId, context.CancellationToken) is { Status: SessionStatus.Scheduled or SessionStatus.Open } session)
            await context.End(session);
    }

    public async Task Timeout(OvertimeOver state, IMessageHandlerContext context)
    {
        MarkAsComplete();
        if (await context.Items.Table.FindSession(Data.SessionId, context.CancellationToken) is { Status: not (SessionStatus.Ended or SessionStatus.Cancelled) } session)
            await context.End(session);
    }

    public Task Handle(SessionEnded message, IMessageHandlerContext context)
    {
        MarkAsComplete();
        return Task.CompletedTask;
    }

    public Task Handle(SessionCancelled message, IMessageHandlerContext context)
    {
        MarkAsComplete();
        return Task.CompletedTask;
    }

    static TimeSpan Until(DateTimeOffset due, IMessageHandlerContext context) => due > context.Now ? due - context.Now : TimeSpan.Zero;
}

sealed class SessionTimeData : SagaData
{
    public Guid SessionId { get; set; }
}

/// <summary>The time has come to see whether tutor and a student have met.</summary>
sealed record NoShowDue;

/// <summary>The lesson has taken all the time it may.</summary>
sealed record OvertimeOver;
