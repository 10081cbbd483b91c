using Microsoft.AspNetCore.Routing;

namespace EdTech.Payments;

static class EarningsRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        OpenOnboardingForm.Map(app);
        GetPayoutAccount.Map(app);
        GetEarnings.Map(app);
        ListPayouts.Map(app);
        ListFeeSchedules.Map(app);
    }
}
