using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Contracts.Learning;
using EdTech.Hosting;
using EdTech.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace EdTech.Communication.Tests;

/// <summary>Events of learning are published here as learning does it, in orders that a broker may choose.</summary>
public sealed class CourseConversationTests(CommunicationFixture chat)
{
    static readonly DateTimeOffset Start = DateTimeOffset.UtcNow.AddDays(-1);

    public static TheoryData<string> Orders => [.. Permutations("PER"), .. Permutations("PES")];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task In_whatever_order_publication_enrolment_and_revocation_come_the_end_is_the_same(string order)
    {
        var course = new Course(await chat.Person(), await chat.Person());
        foreach (var what in order)
        {
            await Publish(course, what, repeated: true);
        }

        var view = (await chat.View(course.Tutor, course.Conversation)).ShouldNotBeNull();
        view.Title.ShouldBe("Fractions");
        view.Kind.ShouldBe(ConversationKind.Course);
        view.SubjectId.ShouldBe(course.Id);
        view.Moderator.ShouldBeTrue();
        // S is the first enrolment told again by a payment before it; R ends it.
        var stays = !order.Contains('R', StringComparison.Ordinal);
        (await chat.View(course.Student, course.Conversation) is not null).ShouldBe(stays);
        view.MemberCount.ShouldBe((stays ? 2 : 1) + course.Sentinels);
    }

    [Theory]
    [InlineData("PERA")]
    [InlineData("PARE")]
    [InlineData("AREP")]
    [InlineData("REAP")]
    [InlineData("PEAR")]
    public async Task Who_buys_again_after_the_money_went_back_is_a_member_again(string order)
    {
        var course = new Course(await chat.Person(), await chat.Person());
        foreach (var what in order)
        {
            await Publish(course, what, repeated: true);
        }

        (await chat.View(course.Student, course.Conversation)).ShouldNotBeNull().MemberCount.ShouldBe(2 + course.Sentinels);
    }

    [Fact]
    public async Task Events_that_are_handled_at_the_same_time_agree()
    {
        for (var round = 0; round < 8; round++)
        {
            var course = new Course(await chat.Person(), await chat.Person());
            await Task.WhenAll("PERTPERT".Select(what => Publish(course, what, repeated: false)));
            await Settle(course);

            var view = (await chat.View(course.Tutor, course.Conversation)).ShouldNotBeNull();
            view.MemberCount.ShouldBe(1 + course.Sentinels);
            view.Title.ShouldBe("Fractions, second edition");
            (await chat.View(course.Student, course.Conversation)).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("PT")]
    [InlineData("TP")]
    public async Task The_title_is_that_of_the_newest_version(string order)
    {
        var course = new Course(await chat.Person(), await chat.Person());
        foreach (var what in order)
        {
            await Publish(course, what, repeated: false);
            await Settle(course);
        }

        (await chat.View(course.Tutor, course.Conversation)).ShouldNotBeNull().Title.ShouldBe("Fractions, second edition");
    }

    [Fact]
    public async Task A_tutor_who_enrolled_before_the_publication_was_known_moderates_all_the_same()
    {
        var tutor = await chat.Person();
        var course = new Course(tutor, tutor);
        await Publish(course, 'E', repeated: false);
        await Settle(course);
        await Publish(course, 'P', repeated: false);
        await Settle(course);
        await Publish(course, 'R', repeated: false);
        await Settle(course);

        (await chat.View(tutor, course.Conversation)).ShouldNotBeNull().Moderator.ShouldBeTrue();
    }

    [Fact]
    public async Task Nobody_leaves_a_courses_conversation_or_is_added_by_hand()
    {
        var course = new Course(await chat.Person(), await chat.Person());
        await Publish(course, 'P', repeated: false);
        await Publish(course, 'E', repeated: false);
        await Settle(course);

        (await chat.Worker.Refused(new RemoveMember(course.Student, course.Conversation, course.Student.Id))).Code.ShouldBe("conversation.not_a_group");
        (await chat.Worker.Refused(new RemoveMember(course.Tutor, course.Conversation, course.Student.Id))).Code.ShouldBe("conversation.not_a_group");
        (await chat.Worker.Refused(new AddMember(course.Tutor, course.Conversation, (await chat.Person()).Id))).Code.ShouldBe("conversation.not_a_group");
    }

    /// <summary>What is a test's own: P and T publish, E enrols, R revokes, A enrols again; S is E told before it happened anew.</summary>
    async Task Publish(Course course, char what, bool repeated)
    {
        IEvent e = what switch
        {
            'P' => Published(course, 1, "Fractions"),
            'T' => Published(course, 2, "Fractions, second edition"),
            'E' => new StudentEnrolled(course.Enrolment, course.Id, course.Student.Id, 1, Start.AddHours(1)),
            'S' => new PaidStudentEnrolled(course.Payment, course.Enrolment, course.Id, course.Student.Id, Start.AddHours(1)),
            'R' => new EnrolmentRevoked(course.Enrolment, course.Id, course.Student.Id, course.Payment, Start.AddHours(2)),
            'A' => new PaidStudentEnrolled(Guid.CreateVersion7(), course.Enrolment, course.Id, course.Student.Id, Start.AddHours(3)),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        await Session.Publish(e);
        if (repeated)
        {
            await Session.Publish(e);
            await Settle(course);
        }
    }

    /// <summary>An event behind all the others: another student, who is a member once it is handled.</summary>
    async Task Settle(Course course)
    {
        for (var i = 0; i < 2; i++)
        {
            var other = await chat.Person();
            course.Sentinels++;
            await Session.Publish(new StudentEnrolled(Guid.CreateVersion7(), course.Id, other.Id, 1, Start));
            await WorkerUnderTest.Until(async () => await chat.View(other, course.Conversation) is not null, "the last event is handled");
        }
    }

    IMessageSession Session => chat.Worker.Host.Services.GetRequiredService<IMessageSession>();

    static CoursePublished Published(Course course, int version, string title)
        => new(course.Id, course.Tutor.Id, version, "fractions", title, "Halves.", "en", "beginner", ["mathematics"], null, 1, Start.AddMinutes(version));

    static IEnumerable<string> Permutations(string letters)
        => letters.Length <= 1 ? [letters] : letters.SelectMany(l => Permutations(letters.Replace(l.ToString(), "", StringComparison.Ordinal)).Select(rest => l + rest));

    sealed record Course(Actor Tutor, Actor Student)
    {
        public Guid Id { get; } = Guid.CreateVersion7();

        public Guid Enrolment { get; } = Guid.CreateVersion7();

        public Guid Payment { get; } = Guid.CreateVersion7();

        public Guid Conversation => Keys.Course(Id);

        public int Sentinels { get; set; }
    }
}
