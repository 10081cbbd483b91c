using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

sealed class RevokeCertificateHandler : IHandleMessages<RevokeCertificate>
{
    public async Task Handle(RevokeCertificate command, IMessageHandlerContext context)
    {
        if (!command.By.May("courses.moderate"))
        {
            await context.Refuse(RefusalKind.Forbidden, "certificate.not_yours_to_revoke", "Only a moderator takes certificates back.");
            return;
        }

        // A second revocation keeps the first one's reason and date.
        var certificate = await context.Db.QuerySingleOrDefaultAsync<Certificate>(
            """
            WITH revoked AS (
                UPDATE learning.certificate
                SET revoked_at = @Now,
                    revocation_reason = @Reason
                WHERE certificate_id = @CertificateId AND revoked_at IS NULL
                RETURNING certificate_id
            ), history AS (
                INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
                SELECT certificate_id, @ActorId, 'RevokeCertificate', @MessageId, @Now
                FROM revoked
            )
            SELECT course_id AS CourseId, student_id AS StudentId, EXISTS (SELECT 1 FROM revoked) AS JustNow
            FROM learning.certificate
            WHERE certificate_id = @CertificateId
            """,
            new { command.CertificateId, command.Reason, ActorId = command.By.Id, context.Now, context.MessageId });

        if (certificate is null)
        {
            await context.Refuse(RefusalKind.NotFound, "certificate.not_found", "There is no such certificate.");
            return;
        }

        if (certificate.JustNow)
            await context.Publish(new CertificateRevoked(command.CertificateId, certificate.CourseId, certificate.StudentId, context.Now));
        await context.Reply(new Done(command.CertificateId));
    }

    sealed record Certificate(Guid CourseId, Guid StudentId, bool JustNow);
}
