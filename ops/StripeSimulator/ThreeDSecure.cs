using System.Net;
using System.Text;

namespace EdTech.StripeSimulator;

/// <summary>The bank's page: the payer says yes or no. Tests and curl post the answer directly.</summary>
static class ThreeDSecure
{
    public static void Map(WebApplication app)
    {
        var simulation = app.Services.GetRequiredService<Simulation>();
        app.MapGet("/3ds/{id}", (string id) => Show(simulation, id));
        app.MapPost("/3ds/{id}/complete", (string id, HttpContext http) => Answer(simulation, http, id, passed: true));
        app.MapPost("/3ds/{id}/fail", (string id, HttpContext http) => Answer(simulation, http, id, passed: false));
    }

    static IResult Show(Simulation simulation, string id)
    {
        lock (simulation.Gate)
        {
            if (simulation.PaymentIntents.Find(id) is not { } intent)
            {
                return Results.NotFound();
            }

            return Results.Content($"""
                <!doctype html>
                <html lang="en">
                <head><meta charset="utf-8"><title>Test bank</title></head>
                <body style="font-family: sans-serif; max-width: 30em; margin: 4em auto">
                <h1>Test bank</h1>
                <p>A payment of {intent.Amount} minor units of {WebUtility.HtmlEncode(intent.Currency.ToUpperInvariant())} ({WebUtility.HtmlEncode(intent.Id)}) asks for your consent. Its status is {WebUtility.HtmlEncode(intent.Status)}.</p>
                <form method="post" action="/3ds/{intent.Id}/complete"><button>Complete authentication</button></form>
                <form method="post" action="/3ds/{intent.Id}/fail"><button>Fail authentication</button></form>
                </body>
                </html>
                """, "text/html", Encoding.UTF8);
        }
    }

    static IResult Answer(Simulation simulation, HttpContext http, string id, bool passed)
    {
        lock (simulation.Gate)
        {
            if (simulation.PaymentIntents.Find(id) is not { } intent)
            {
                return Results.NotFound();
            }

            var refused = PaymentIntents.Authenticated(simulation, intent, passed);
            simulation.Commit();
            if (refused is not null)
            {
                return new Answered(refused.Status, refused.Body(""));
            }

            if (http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal) && intent.ReturnUrl is not null)
            {
                http.Response.Headers.Location = $"{intent.ReturnUrl}{(intent.ReturnUrl.Contains('?', StringComparison.Ordinal) ? '&' : '?')}payment_intent={intent.Id}&payment_intent_client_secret={intent.ClientSecret}&redirect_status={(intent.Status == "succeeded" ? "succeeded" : "failed")}";
                return Results.StatusCode(303);
            }

            return new Answered(200, new StripeCall(simulation, http, FormParameters.Parse(""), intent.Owner, browser: true).Ok(intent));
        }
    }
}

/// <summary>A rendered JSON answer.</summary>
sealed class Answered(int status, byte[] body) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = "application/json";
        return httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
