using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdTech.Users;

static class GetKeySet
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/users/jwks", Handle);

    static async Task<IResult> Handle(HttpContext http, SigningKeys keys, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "public, max-age=300";
        return Results.Json(await keys.Published(ct));
    }
}
