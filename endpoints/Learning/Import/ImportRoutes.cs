using Microsoft.AspNetCore.Routing;

namespace EdTech.Learning;

static class ImportRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        ImportCourse.Map(app);
        GetCourseImport.Map(app);
    }
}
