using Microsoft.AspNetCore.Routing;

namespace EdTech.Learning;

static class AuthoringRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
    }
}
