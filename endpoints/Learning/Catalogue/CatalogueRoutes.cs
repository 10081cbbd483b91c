using Microsoft.AspNetCore.Routing;

namespace EdTech.Learning;

static class CatalogueRoutes
{
    public static void Map(IEndpointRouteBuilder app) => SearchCatalogue.Map(app);
}
