using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Hosting;

namespace EdTech.Learning;

/// <summary>What follows when an enrolment's last lesson is completed: the event and the certificate, in the same transaction.</summary>
static class CourseCompletion
{
    /// <summary>To be called by whoever set the enrolment's <c>completed_at</c>, with its row locked.</summary>
    public static async Task Celebrate(IMessageHandlerContext context, IssuerKeys keys, Guid enrolmentId)
    {
        var course = await context.Db.QuerySingleAsync<Completed>(
            """
            SELECT e.course_id AS CourseId,
                   e.student_id AS StudentId,
                   e.version AS Version,
                   c.tutor_id AS TutorId,
                   v.details ->> 'title' AS Title,
                   v.details ->> 'summary' AS Summary,
                   v.details ->> 'language' AS Language,
                   e.lessons AS Lessons,
                   nextval('learning.certificate_status_index') AS StatusIndex
            FROM learning.enrolment e
            JOIN learning.course c ON c.course_id = e.course_id
            JOIN learning.course_version v ON v.course_id = e.course_id AND v.version = e.version
            WHERE e.enrolment_id = @enrolmentId
            """,
            new { enrolmentId });
        await context.Publish(new CourseCompleted(enrolmentId, course.CourseId, course.StudentId, course.Version, context.Now));

        var certificateId = Guid.CreateVersion7(context.Now);
        var credential = await CourseCredential.Sign(keys, new CourseAchievement(
            certificateId, course.StudentId, course.CourseId, course.Title, course.Summary, course.Language, course.Lessons, course.StatusIndex, context.Now), context.CancellationToken);
        await context.Db.ExecuteAsync(
            """
            WITH issued AS (
                INSERT INTO learning.certificate (certificate_id, enrolment_id, course_id, student_id, tutor_id, course_title, status_index, credential, issued_at)
                VALUES (@certificateId, @enrolmentId, @CourseId, @StudentId, @TutorId, @Title, @StatusIndex, @credential, @Now)
                RETURNING certificate_id
            )
            INSERT INTO learning.study_history (subject_id, actor_id, what, message_id, occurred_at)
            SELECT certificate_id, @StudentId, 'IssueCertificate', @MessageId, @Now
            FROM issued
            """,
            new { certificateId, enrolmentId, course.CourseId, course.StudentId, course.TutorId, course.Title, course.StatusIndex, credential, context.Now, context.MessageId });
        await context.Publish(new CertificateIssued(certificateId, course.CourseId, course.StudentId, context.Now));
    }

    sealed record Completed(Guid CourseId, Guid StudentId, int Version, Guid TutorId, string Title, string Summary, string Language, int Lessons, long StatusIndex);
}
