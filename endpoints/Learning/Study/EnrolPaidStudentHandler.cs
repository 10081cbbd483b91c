using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>Nobody waits for a reply: the outcome is an event, the same one however often the order comes.</summary>
sealed class EnrolPaidStudentHandler : IHandleMessages<EnrolPaidStudent>
{
    public async Task Handle(EnrolPaidStudent command, IMessageHandlerContext context)
    {
        var payment = await Lock(command, context);
        var refusal = payment.RevokedAt is not null ? "enrolment.revoked" : payment.Refusal;
        var enrolmentId = payment.EnrolmentId;
        if (refusal is null && enrolmentId is null)
        {
            var course = await Enrol(command, context);
            enrolmentId = course?.EnrolmentId;
            refusal = enrolmentId is not null ? null : course?.Status switch
            {
                null or "draft" => "course.not_found",
                "archived" => "course.archived",
                _ => "enrolment.exists",
            };
            await Decide(command, context, enrolmentId, refusal);
            if (enrolmentId is { } id)
            {
                await context.Publish(new StudentEnrolled(id, command.CourseId, command.By.Id, course!.Version, context.Now));
                await CatalogueSql.CountLearner(context, command.CourseId);
            }
        }

        if (refusal is not null)
            await context.Publish(new PaidEnrolmentRefused(command.PaymentId, command.CourseId, command.By.Id, refusal, context.Now));
        else
            await context.Publish(new PaidStudentEnrolled(command.PaymentId, enrolmentId!.Value, command.CourseId, command.By.Id, context.Now));
    }

    /// <summary>The payment's row, locked: order and revocation of one payment come one after the other.</summary>
    static Task<Payment> Lock(EnrolPaidStudent command, IMessageHandlerContext context)
        => context.Db.QuerySingleAsync<Payment>(
            """
            INSERT INTO learning.paid_enrolment (payment_id, course_id, student_id)
            VALUES (@PaymentId, @CourseId, @StudentId)
            ON CONFLICT (payment_id) DO UPDATE
            SET student_id = EXCLUDED.student_id
            RETURNING enrolment_id, refusal, revoked_at
            """,
            new { command.PaymentId, command.CourseId, StudentId = command.By.Id });

    /// <summary>A learner whose access had ended goes on with the enrolment that there was, on its version.</summary>
    static Task<Course?> Enrol(EnrolPaidStudent command, IMessageHandlerContext context)
        => context.Db.QuerySingleOrDefaultAsync<Course?>(
            """
            WITH course AS (
                SELECT c.course_id,
                       c.status,
                       c.published_version,
                       (SELECT count(*)::int FROM learning.version_lesson l WHERE l.course_id = c.course_id AND l.version = c.published_version) AS lessons
                FROM learning.course c
                WHERE c.course_id = @CourseId
            ), enrolled AS (
                INSERT INTO learning.enrolment_record AS e (enrolment_id, course_id, student_id, version, source, payment_id, lessons, enrolled_at)
                SELECT @EnrolmentId, course_id, @StudentId, published_version, 'payment', @PaymentId, lessons, @Now
                FROM course
                WHERE status = 'published'
                ON CONFLICT ON CONSTRAINT student_is_enrolled_once DO UPDATE
                SET source = 'payment',
                    payment_id = EXCLUDED.payment_id,
                    revoked_at = NULL
                WHERE e.revoked_at IS NOT NULL
                RETURNING enrolment_id, version
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT enrolment_id, @StudentId, 'EnrolPaidStudent', @MessageId, @Now
                FROM enrolled
            )
            SELECT course.status, enrolled.enrolment_id, COALESCE(enrolled.version, 0) AS version
            FROM course
            LEFT JOIN enrolled ON true
            """,
            new { command.EnrolmentId, command.CourseId, command.PaymentId, StudentId = command.By.Id, context.Now, context.MessageId });

    /// <summary>Kept: the money of a refused payment goes back, and no repeat of the order may enrol after all.</summary>
    static Task Decide(EnrolPaidStudent command, IMessageHandlerContext context, Guid? enrolmentId, string? refusal)
        => context.Db.ExecuteAsync(
            """
            UPDATE learning.paid_enrolment
            SET enrolment_id = @enrolmentId,
                refusal = @refusal,
                decided_at = @Now
            WHERE payment_id = @PaymentId
            """,
            new { enrolmentId, refusal, context.Now, command.PaymentId });

    sealed record Payment
    {
        public Guid? EnrolmentId { get; init; }

        public string? Refusal { get; init; }

        public DateTime? RevokedAt { get; init; }
    }

    sealed record Course
    {
        public string Status { get; init; } = "";

        public Guid? EnrolmentId { get; init; }

        public int Version { get; init; }
    }
}
