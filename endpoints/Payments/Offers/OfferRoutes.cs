using Microsoft.AspNetCore.Routing;

namespace EdTech.Payments;

static class OfferRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        ListLessonOffers.Map(app);
        ListMyCoupons.Map(app);
    }
}
