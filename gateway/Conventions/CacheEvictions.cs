using EdTech.Contracts.Learning;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>Which event makes which kept answers worthless.</summary>
static class CacheEvictions
{
    public const string Catalogue = "catalogue";

    public static string Course(Guid courseId) => $"course:{courseId}";

    public static string Person(Guid accountId) => $"person:{accountId}";

    public static void Subscribe(IServiceProvider services, SessionSubscriptions events)
    {
        var cache = services.GetRequiredService<AnswerCache>();
        events.On<CoursePublished>(e => cache.Evict(Catalogue, Course(e.CourseId)))
            .On<CourseArchived>(e => cache.Evict(Catalogue, Course(e.CourseId)))
            .On<CourseRestored>(e => cache.Evict(Catalogue, Course(e.CourseId)))
            .On<ProfileUpdated>(e => cache.Evict(Person(e.AccountId)))
            .On<RoleGranted>(e => cache.Evict(Person(e.AccountId)))
            .On<AccountSuspended>(e => cache.Evict(Person(e.AccountId)))
            .On<AccountReinstated>(e => cache.Evict(Person(e.AccountId)));
    }
}
