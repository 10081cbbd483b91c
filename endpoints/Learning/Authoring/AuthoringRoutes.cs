using Microsoft.AspNetCore.Routing;

namespace EdTech.Learning;

static class AuthoringRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        GetCourse.Map(app);
        GetAuthoredLesson.Map(app);
        ListAuthoredCourses.Map(app);
        ListCourseHistory.Map(app);
    }
}
