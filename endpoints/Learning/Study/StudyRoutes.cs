using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Learning;

/// <summary>What studying adds to the endpoint: enrolments, quizzes, certificates, learning paths, recommendations.</summary>
static class StudyRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        ListMyEnrolments.Map(app);
        GetProgress.Map(app);
        GetLesson.Map(app);
        GetAttempt.Map(app);
        ListAttempts.Map(app);
        GetCertificate.Map(app);
        VerifyCertificate.Map(app);
        CertificatePage.Map(app);
        CheckCredential.Map(app);
        ListMyCertificates.Map(app);
        GetIssuer.Map(app);
        GetStatusList.Map(app);
        ListPaths.Map(app);
        GetPath.Map(app);
        GetRecommendations.Map(app);
    }

    public static void Services(IServiceCollection services) => services.AddSingleton<IssuerKeys>();
}
