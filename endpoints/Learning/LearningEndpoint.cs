using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;

namespace EdTech.Learning;

/// <summary>Courses, enrolments, progress, quizzes, certificates, learning paths.</summary>
public static class LearningEndpoint
{
    /// <summary>The name of the endpoint and of its queue.</summary>
    public const string Name = "EdTech.Learning";

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args)
        => WorkerHost.Build(
            new Worker(Name, typeof(LearningEndpoint).Assembly)
                .Queries(AuthoringRoutes.Map)
                .Queries(CatalogueRoutes.Map)
                .Services(StudyRoutes.Services)
                .Queries(StudyRoutes.Map)
                .Queries(ImportRoutes.Map),
            args);
}
