using Microsoft.AspNetCore.Routing;

namespace EdTech.Payments;

static class ReportRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        GetStatement.Map(app);
        GetTaxReport.Map(app);
        GetPlatformReport.Map(app);
        ListExceptions.Map(app);
    }
}
