using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdTech.Contracts.Communication;

/// <summary>How the domain's messages, stream records and views are written as JSON, generated at build time.</summary>
// One block per file of contracts, in the order of the files, so that additions do not collide.
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refused))]
// ConversationCommands.cs
[JsonSerializable(typeof(OpenConversation))]
[JsonSerializable(typeof(RenameConversation))]
[JsonSerializable(typeof(AddMember))]
[JsonSerializable(typeof(RemoveMember))]
[JsonSerializable(typeof(MuteConversation))]
[JsonSerializable(typeof(BlockPerson))]
[JsonSerializable(typeof(UnblockPerson))]
[JsonSerializable(typeof(ReportMessage))]
[JsonSerializable(typeof(ResolveReport))]
[JsonSerializable(typeof(AddMembers))]
// CommunicationEvents.cs
[JsonSerializable(typeof(ConversationCreated))]
[JsonSerializable(typeof(MemberJoined))]
[JsonSerializable(typeof(MemberLeft))]
[JsonSerializable(typeof(PersonBlocked))]
[JsonSerializable(typeof(PersonUnblocked))]
[JsonSerializable(typeof(MessageReported))]
[JsonSerializable(typeof(ReportResolved))]
// ChatRecords.cs
[JsonSerializable(typeof(MessagePosted))]
[JsonSerializable(typeof(MessageEdited))]
[JsonSerializable(typeof(MessageDeleted))]
[JsonSerializable(typeof(MessageReacted))]
[JsonSerializable(typeof(ReadReceipt))]
[JsonSerializable(typeof(Attachment))]
// ChatViews.cs
[JsonSerializable(typeof(ChatEntry))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(ReactionView))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(EntryPage))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(ConversationView))]
[JsonSerializable(typeof(MemberView))]
[JsonSerializable(typeof(ConversationAccess))]
[JsonSerializable(typeof(UnreadView))]
[JsonSerializable(typeof(MessageSearchPage))]
// RealtimeFrames.cs
[JsonSerializable(typeof(RealtimeFrame))]
// SessionCommands.cs
[JsonSerializable(typeof(ScheduleSession))]
[JsonSerializable(typeof(CancelSession))]
[JsonSerializable(typeof(OpenSession))]
[JsonSerializable(typeof(JoinSession))]
[JsonSerializable(typeof(LeaveSession))]
[JsonSerializable(typeof(EndSession))]
[JsonSerializable(typeof(GrantScreenShare))]
[JsonSerializable(typeof(RemoveFromSession))]
[JsonSerializable(typeof(RaiseHand))]
[JsonSerializable(typeof(ConsentToRecording))]
[JsonSerializable(typeof(StartRecording))]
[JsonSerializable(typeof(StopRecording))]
// SessionEvents.cs
[JsonSerializable(typeof(SessionScheduled))]
[JsonSerializable(typeof(SessionCancelled))]
[JsonSerializable(typeof(SessionStarted))]
[JsonSerializable(typeof(SessionEnded))]
[JsonSerializable(typeof(RecordingReady))]
[JsonSerializable(typeof(RecordingFailed))]
// SessionViews.cs
[JsonSerializable(typeof(Attendance))]
[JsonSerializable(typeof(SessionTicket))]
[JsonSerializable(typeof(LessonSessionView))]
[JsonSerializable(typeof(ParticipantView))]
[JsonSerializable(typeof(RecordingView))]
[JsonSerializable(typeof(IReadOnlyList<RecordingView>))]
[JsonSerializable(typeof(Guid[]))]
[JsonSerializable(typeof(Page<ConversationView>))]
[JsonSerializable(typeof(Page<MemberView>))]
[JsonSerializable(typeof(Page<ReportView>))]
[JsonSerializable(typeof(ReportView))]
[JsonSerializable(typeof(Page<BlockView>))]
[JsonSerializable(typeof(BlockView))]
[JsonSerializable(typeof(Page<LessonSessionView>))]
public sealed partial class CommunicationJson : JsonSerializerContext
{
    /// <summary>Camel-cased, as HTTP shows it and as jsonb columns hold it; the default instance is the one of messages.</summary>
    public static CommunicationJson Web { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web));
}
