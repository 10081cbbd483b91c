using Microsoft.AspNetCore.Routing;

namespace EdTech.Payments;

static class PurchaseRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
    }
}
