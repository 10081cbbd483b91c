using EdTech.Contracts.Learning;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>Which event makes which kept answers worthless.</summary>
static class CacheEvictions
{
    public const string Catalogue = "catalogue";

    /// <summary>Signed documents that stay as they are.</summary>
    public const string Issuer = "issuer";

    public const string Revocations = "revocations";

    public static string Course(Guid courseId) => $"course:{courseId}";

    public const string Paths = "paths";

    public static string Path(Guid pathId) => $"path:{pathId}";

    public static string Certificate(Guid certificateId) => $"certificate:{certificateId}";

    public static string Person(Guid accountId) => $"person:{accountId}";

    public static void Subscribe(IServiceProvider services, SessionSubscriptions events)
    {
        var cache = services.GetRequiredService<AnswerCache>();
        events.On<CoursePublished>(e => cache.Evict(Catalogue, Course(e.CourseId)))
            .On<CourseArchived>(e => cache.Evict(Catalogue, Course(e.CourseId)))
            .On<CourseRestored>(e => cache.Evict(Catalogue, Course(e.CourseId)))
            .On<PathPublished>(e => cache.Evict(Paths, Path(e.PathId)))
            .On<CertificateIssued>(e => cache.Evict(Certificate(e.CertificateId)))
            .On<CertificateRevoked>(e => cache.Evict(Certificate(e.CertificateId), Revocations))
            .On<ProfileUpdated>(e => cache.Evict(Person(e.AccountId)))
            .On<RoleGranted>(e => cache.Evict(Person(e.AccountId)))
            .On<AccountSuspended>(e => cache.Evict(Person(e.AccountId)))
            .On<AccountReinstated>(e => cache.Evict(Person(e.AccountId)));
    }
}
