using Microsoft.AspNetCore.Routing;

namespace EdTech.Payments;

static class EarningsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
    }
}
