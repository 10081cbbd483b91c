using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class RevokePaidEnrolmentHandler : IHandleMessages<RevokePaidEnrolment>
{
    public async Task Handle(RevokePaidEnrolment command, IMessageHandlerContext context)
    {
        // The row stays as the payment's tombstone, also when its order to enrol is still on the way. It is locked by a statement of its own:
        // the next one then sees what an order that was at work on the same payment has enrolled; in one statement it would not.
        var revoked = await context.Db.QuerySingleOrDefaultAsync<Revoked>(
            """
            INSERT INTO learning.paid_enrolment AS p (payment_id, course_id)
            VALUES (@PaymentId, @CourseId)
            ON CONFLICT (payment_id) DO UPDATE
            SET course_id = p.course_id;

            WITH payment AS (
                UPDATE learning.paid_enrolment
                SET revoked_at = @Now
                WHERE payment_id = @PaymentId AND revoked_at IS NULL
                RETURNING enrolment_id
            ), ended AS (
                UPDATE learning.enrolment_record e
                SET revoked_at = @Now
                FROM payment
                WHERE e.enrolment_id = payment.enrolment_id AND e.payment_id = @PaymentId AND e.revoked_at IS NULL
                RETURNING e.enrolment_id, e.student_id
            ), uncounted AS (
                UPDATE learning.course_learners c
                SET learners = c.learners - 1
                FROM ended
                WHERE c.course_id = @CourseId
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT enrolment_id, @ActorId, 'RevokePaidEnrolment', @MessageId, @Now
                FROM ended
            )
            SELECT enrolment_id, student_id
            FROM ended
            """,
            new { command.PaymentId, command.CourseId, ActorId = command.By.Id, context.Now, context.MessageId });
        if (revoked is not null)
            await context.Publish(new EnrolmentRevoked(revoked.EnrolmentId, command.CourseId, revoked.StudentId, command.PaymentId, context.Now));
    }

    sealed record Revoked(Guid EnrolmentId, Guid StudentId);
}
