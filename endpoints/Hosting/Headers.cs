namespace EdTech.Hosting;

/// <summary>Header names of NServiceBus' wire format, as far as endpoints use them, and our own.</summary>
public static class Headers
{
#pragma warning disable CS1591 // The names are the documentation; the format is NServiceBus' published header list.
    public const string MessageId = "NServiceBus.MessageId";
    public const string MessageIntent = "NServiceBus.MessageIntent";
    public const string ConversationId = "NServiceBus.ConversationId";
    public const string RelatedTo = "NServiceBus.RelatedTo";
    public const string CorrelationId = "NServiceBus.CorrelationId";
    public const string ReplyToAddress = "NServiceBus.ReplyToAddress";
    public const string OriginatingEndpoint = "NServiceBus.OriginatingEndpoint";
    public const string OriginatingMachine = "NServiceBus.OriginatingMachine";
    public const string OriginatingHostId = "$.diagnostics.originating.hostid";
    public const string HostId = "$.diagnostics.hostid";
    public const string HostDisplayName = "$.diagnostics.hostdisplayname";
    public const string ContentType = "NServiceBus.ContentType";
    public const string EnclosedMessageTypes = "NServiceBus.EnclosedMessageTypes";
    public const string Version = "NServiceBus.Version";
    public const string TimeSent = "NServiceBus.TimeSent";
    public const string DeliverAt = "NServiceBus.DeliverAt";
    public const string StartNewTrace = "NServiceBus.OpenTelemetry.StartNewTrace";
    public const string OriginatingSagaId = "NServiceBus.OriginatingSagaId";
    public const string OriginatingSagaType = "NServiceBus.OriginatingSagaType";
    public const string SagaId = "NServiceBus.SagaId";
    public const string SagaType = "NServiceBus.SagaType";
    public const string IsSagaTimeout = "NServiceBus.IsSagaTimeoutMessage";
    public const string ControlMessage = "NServiceBus.ControlMessage";
    public const string Retries = "NServiceBus.Retries";
    public const string RetriesTimestamp = "NServiceBus.Retries.Timestamp";
    public const string FailedQ = "NServiceBus.FailedQ";
    public const string TimeOfFailure = "NServiceBus.TimeOfFailure";
    public const string ExceptionType = "NServiceBus.ExceptionInfo.ExceptionType";
    public const string InnerExceptionType = "NServiceBus.ExceptionInfo.InnerExceptionType";
    public const string ExceptionMessage = "NServiceBus.ExceptionInfo.Message";
    public const string ExceptionSource = "NServiceBus.ExceptionInfo.Source";
    public const string ExceptionHelpLink = "NServiceBus.ExceptionInfo.HelpLink";
    public const string ExceptionStackTrace = "NServiceBus.ExceptionInfo.StackTrace";
    public const string ExceptionDataPrefix = "NServiceBus.ExceptionInfo.Data.";
    public const string ProcessingEndpoint = "NServiceBus.ProcessingEndpoint";
    public const string ProcessingMachine = "NServiceBus.ProcessingMachine";
    public const string ProcessingStarted = "NServiceBus.ProcessingStarted";
    public const string ProcessingEnded = "NServiceBus.ProcessingEnded";
    public const string TimeToBeReceived = "NServiceBus.TimeToBeReceived";
    public const string DelayInSeconds = "NServiceBus.Transport.RabbitMQ.DelayInSeconds";
    public const string ConfirmationId = "NServiceBus.Transport.RabbitMQ.ConfirmationId";
    public const string NonPersistent = "NServiceBus.Transport.RabbitMQ.UseNonPersistentDelivery";
    public const string RetryUniqueMessageId = "ServiceControl.Retry.UniqueMessageId";
    public const string RetryAcknowledgementQueue = "ServiceControl.Retry.AcknowledgementQueue";
    public const string RetryAcknowledgementSent = "ServiceControl.Retry.AcknowledgementSent";
    public const string InvokedSagas = "NServiceBus.InvokedSagas";
    public const string SagaStateChange = "ServiceControl.SagaStateChange";
    public const string RetrySuccessful = "ServiceControl.Retry.Successful";
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";
#pragma warning restore CS1591

    /// <summary>Who made the request that became this message: only this actor may ask for its outcome.</summary>
    public const string Actor = "EdTech.Actor";

    /// <summary>Hash of the request's content: a repeat under the same message id must carry the same.</summary>
    public const string RequestHash = "EdTech.RequestHash";

    /// <summary>Present on requests: the reply is kept with the inbox row and given again to a repeat.</summary>
    public const string Request = "EdTech.Request";
}
