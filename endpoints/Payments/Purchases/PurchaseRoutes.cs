using Microsoft.AspNetCore.Routing;

namespace EdTech.Payments;

static class PurchaseRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        GetQuote.Map(app);
        GetPurchase.Map(app);
        ListPurchases.Map(app);
        GetPayment.Map(app);
        GetPurchaseHistory.Map(app);
        ListDisputes.Map(app);
        ListReconciliations.Map(app);
        ReceiveStripeEvent.Map(app);
    }
}
