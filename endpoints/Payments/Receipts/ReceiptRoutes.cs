using Microsoft.AspNetCore.Routing;

namespace EdTech.Payments;

static class ReceiptRoutes
{
    public static void Map(IEndpointRouteBuilder app) => GetReceipt.Map(app);
}
