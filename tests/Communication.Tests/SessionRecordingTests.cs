using EdTech.Contracts.Communication;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Communication.Tests;

public sealed class SessionRecordingTests(CommunicationFixture chat)
{
    [Fact]
    public async Task A_recording_is_started_stopped_uploaded_and_seen_by_who_was_there()
    {
        var lesson = await chat.OpenLesson(students: 2);
        await lesson.Join(lesson.Tutor);
        await lesson.Join(lesson.Student);
        var id = await lesson.Record();
        await Recording(lesson, RecordingStatus.Recording);
        await chat.Worker.Done(new StopRecording(lesson.Tutor, lesson.Id, id));

        var ready = await chat.Worker.Event<RecordingReady>(e => e.RecordingId == id);
        ready.Files.Count.ShouldBe(2);
        ready.ParticipantIds.ShouldBe([lesson.Tutor.Id, lesson.Student.Id]);
        (await lesson.Recordings(lesson.Student)).ShouldHaveSingleItem().Files.ShouldBe(ready.Files);
        (await lesson.Recordings(lesson.Students[1])).ShouldBeEmpty();
        (await lesson.View(lesson.Students[1]))!.Recording!.Files.ShouldBeEmpty();
        (await chat.Agora.RunningRecorders(lesson.Id)).ShouldBe(0);
        chat.Worker.Events<RecordingReady>().Count(e => e.RecordingId == id).ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_is_recorded_until_everybody_present_has_agreed()
    {
        var lesson = await chat.RunningLesson(students: 2);
        await lesson.Agree(lesson.Student);

        var refused = await chat.Worker.Refused(new StartRecording(lesson.Tutor, lesson.Id, Guid.CreateVersion7()));
        refused.Code.ShouldBe("recording.consent_needed");
        refused.Details!["accountIds"].ShouldBe(lesson.Students[1].Id.ToString());

        await lesson.Leave(lesson.Students[1]);
        await chat.Worker.Done(new StartRecording(lesson.Tutor, lesson.Id, Guid.CreateVersion7()));
    }

    [Fact]
    public async Task Who_has_not_agreed_does_not_come_into_a_lesson_that_is_recorded()
    {
        var lesson = await chat.OpenLesson(students: 2);
        await lesson.Join(lesson.Tutor);
        await lesson.Join(lesson.Student);
        await lesson.Agree(lesson.Student);
        await chat.Worker.Done(new StartRecording(lesson.Tutor, lesson.Id, Guid.CreateVersion7()));

        (await chat.Worker.Refused(new JoinSession(lesson.Students[1], lesson.Id))).Code.ShouldBe("recording.consent_needed");
        await lesson.Agree(lesson.Students[1]);
        await lesson.Join(lesson.Students[1]);
        (await lesson.Recordings(lesson.Students[1])).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_recording_and_a_student_without_consent_who_come_at_once_one_is_refused()
    {
        // Whichever of the two is first, nobody is recorded without having agreed.
        var lesson = await chat.RunningLesson(students: 2);
        await lesson.Agree(lesson.Student);
        await lesson.Leave(lesson.Students[1]);
        await Task.WhenAll(
            chat.Worker.Ask(new StartRecording(lesson.Tutor, lesson.Id, Guid.CreateVersion7())),
            chat.Worker.Ask(new JoinSession(lesson.Students[1], lesson.Id)));

        var view = (await lesson.View())!;
        (view.Recording is not null && view.Participants[2].Present).ShouldBeFalse();
    }

    [Fact]
    public async Task Taking_consent_back_stops_the_recording()
    {
        var lesson = await chat.RunningLesson();
        var id = await lesson.Record();
        await Recording(lesson, RecordingStatus.Recording);
        await lesson.Agree(lesson.Student, agreed: false);

        await chat.Worker.Event<RecordingReady>(e => e.RecordingId == id);
        (await chat.Agora.RunningRecorders(lesson.Id)).ShouldBe(0);
    }

    [Fact]
    public async Task Coming_in_by_an_old_token_without_consent_stops_the_recording()
    {
        var lesson = await chat.OpenLesson(students: 2);
        await lesson.Join(lesson.Tutor);
        await lesson.Join(lesson.Student);
        var old = await lesson.Join(lesson.Students[1]);
        await lesson.Leave(lesson.Students[1]);
        await lesson.Agree(lesson.Student);
        var id = Guid.CreateVersion7();
        await chat.Worker.Done(new StartRecording(lesson.Tutor, lesson.Id, id));
        await Recording(lesson, RecordingStatus.Recording);
        (await chat.Agora.Enter(lesson.Id, old.Uid)).ShouldBeTrue();

        await WorkerUnderTest.Until(async () => await chat.Agora.RunningRecorders(lesson.Id) == 0, "the recorder has stopped");
        await chat.Worker.Event<RecordingReady>(e => e.RecordingId == id);
    }

    [Fact]
    public async Task The_end_of_the_lesson_ends_its_recording()
    {
        var lesson = await chat.RunningLesson();
        var id = await lesson.Record();
        await lesson.End();

        await WorkerUnderTest.Until(async () => (await lesson.Recordings(lesson.Tutor))[0].Status is RecordingStatus.Ready or RecordingStatus.Failed, $"recording {id} is settled");
        (await chat.Agora.RunningRecorders(lesson.Id)).ShouldBe(0);
    }

    [Theory]
    [InlineData("500", "acquire")]
    [InlineData("timeout_after_effect", "acquire")]
    [InlineData("500", "start")]
    [InlineData("timeout_before_effect", "start")]
    [InlineData("timeout_after_effect", "start")]
    [InlineData("500_after_effect", "start")]
    [InlineData("500_after_effect", "stop")]
    [InlineData("timeout_before_effect", "stop")]
    public async Task A_lost_answer_neither_loses_nor_doubles_a_recording(string kind, string call)
    {
        var lesson = await chat.RunningLesson();
        await chat.Agora.Fail(kind, call);
        var id = await lesson.Record();
        await Recording(lesson, RecordingStatus.Recording);
        await chat.Worker.Done(new StopRecording(lesson.Tutor, lesson.Id, id));

        await chat.Worker.Event<RecordingReady>(e => e.RecordingId == id);
        (await chat.Agora.Recorders(lesson.Id)).ShouldBe(1);
        (await chat.Agora.RunningRecorders(lesson.Id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_recorder_whose_start_nobody_tells_of_is_locked_out_and_given_up()
    {
        var lesson = await chat.RunningLesson();
        chat.Agora.Relay.Hold(lesson.Id);
        await chat.Agora.Fail("timeout_after_effect", "start");
        var id = await lesson.Record();

        (await chat.Worker.Event<RecordingFailed>(e => e.RecordingId == id)).Code.ShouldBe("recording.not_started");
        (await chat.Agora.RunningRecorders(lesson.Id)).ShouldBe(0);
        await chat.Agora.Relay.ReleaseReversedAndTwice(lesson.Id);
        (await lesson.Recordings(lesson.Tutor)).ShouldHaveSingleItem().Status.ShouldBe(RecordingStatus.Failed);
    }

    [Fact]
    public async Task Notices_of_a_recorder_in_reverse_and_twice_end_in_the_same_recording()
    {
        var lesson = await chat.RunningLesson();
        chat.Agora.Relay.Hold(lesson.Id);
        var id = await lesson.Record();
        await Recording(lesson, RecordingStatus.Recording);
        await chat.Worker.Done(new StopRecording(lesson.Tutor, lesson.Id, id));
        await WorkerUnderTest.Until(() => chat.Agora.Relay.Held(lesson.Id) >= 5, "Agora has told everything");
        await chat.Agora.Relay.ReleaseReversedAndTwice(lesson.Id);

        (await chat.Worker.Event<RecordingReady>(e => e.RecordingId == id)).Files.Count.ShouldBe(2);
        chat.Worker.Events<RecordingReady>().Count(e => e.RecordingId == id).ShouldBe(1);
        chat.Worker.Events<RecordingFailed>().ShouldNotContain(e => e.RecordingId == id);
    }

    [Fact]
    public async Task A_recorder_that_ends_by_itself_is_noticed()
    {
        var lesson = await chat.RunningLesson();
        var id = await lesson.Record();
        await Recording(lesson, RecordingStatus.Recording);
        await chat.Agora.EndRecorders(lesson.Id);

        await chat.Worker.Event<RecordingReady>(e => e.RecordingId == id);
    }

    [Fact]
    public async Task One_recording_at_a_time()
    {
        var lesson = await chat.RunningLesson();
        await lesson.Record();

        (await chat.Worker.Refused(new StartRecording(lesson.Tutor, lesson.Id, Guid.CreateVersion7()))).Code.ShouldBe("recording.running");
    }

    static Task Recording(Lesson lesson, RecordingStatus status) => lesson.Until(v => v.Recording?.Status == status, $"the recording is {status}");
}
