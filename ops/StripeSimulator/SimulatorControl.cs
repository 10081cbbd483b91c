using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdTech.StripeSimulator;

/// <summary>
/// What tests and people order, under /simulator: the clock, how webhooks misbehave, faults, totals. JSON in, JSON out, no key:
/// the simulator listens on the local machine only.
/// </summary>
static class SimulatorControl
{
    const long FarthestSeconds = 10L * 366 * 24 * 60 * 60;

    public static void Map(WebApplication app)
    {
        var simulation = app.Services.GetRequiredService<Simulation>();
        var faults = app.Services.GetRequiredService<RequestFaults>();
        var webhooks = app.Services.GetRequiredService<WebhookDelivery>();

        Get("/simulator/clock", () => Clock(simulation));
        Post("/simulator/clock/advance", (order, _) =>
        {
            var seconds = Number(order, "seconds") ?? throw StripeError.Missing("seconds");
            simulation.Advance(seconds is >= 0 and <= FarthestSeconds ? seconds : throw StripeError.Invalid("The clock does not go back, nor on by more than ten years at once.", "seconds"));
            return Clock(simulation);
        });
        Post("/simulator/faults", (order, _) =>
        {
            faults.Add(ReadFault(order));
            return new JsonObject { ["ordered"] = true };
        });
        Post("/simulator/faults/clear", (_, _) =>
        {
            faults.Clear();
            return new JsonObject { ["ordered"] = false };
        });
        Post("/simulator/webhooks", (order, _) =>
        {
            var mode = order["mode"] as JsonObject ?? order;
            webhooks.Mode = new WebhookMode(
                (int)(Number(mode, "delay") ?? 0), (int)(Number(mode, "duplicate") ?? 0), Flag(mode, "shuffle"), (double?)mode["drop"] ?? 0, Flag(mode, "hold"), (int)(Number(mode, "seed") ?? 1));
            return new JsonObject { ["waiting"] = webhooks.Waiting };
        });
        Get("/simulator/webhooks", () => new JsonObject { ["waiting"] = webhooks.Waiting, ["undelivered"] = simulation.Events.All.Count(entry => entry.Undelivered) });
        Post("/simulator/webhooks/resend", (order, _) =>
        {
            var wanted = (string?)order["event"] switch
            {
                null or "all" => simulation.Events.All,
                "undelivered" => simulation.Events.All.FindAll(entry => entry.Undelivered),
                var id => [simulation.Events.Find(id) ?? throw StripeError.NotFound("event", id)],
            };
            webhooks.Resend(wanted);
            return new JsonObject { ["sent"] = wanted.Count };
        });
        Post("/simulator/payment_intents/{id}/settle", (order, http) =>
        {
            var id = (string)http.Request.RouteValues["id"]!;
            var intent = simulation.PaymentIntents.Find(id) ?? throw StripeError.NotFound("payment_intent", id);
            if (intent.Status != "processing")
            {
                throw StripeError.Invalid($"The payment {id} is not processing: it has a status of {intent.Status}.");
            }

            var fails = (string?)order["outcome"] == "failed";
            PaymentIntents.Settle(simulation, intent, fails ? ("generic_decline", "generic_decline", "The customer's bank declined this payment.") : null);
            return new JsonObject { ["id"] = id, ["status"] = intent.Status };
        });
        Post("/simulator/disputes", (order, _) =>
        {
            var id = (string?)order["charge"] ?? throw StripeError.Missing("charge");
            var charge = simulation.Charges.Find(id) ?? throw StripeError.NotFound("charge", id);
            var dispute = Disputes.Open(simulation, charge, (string?)order["reason"] ?? "fraudulent", Number(order, "amount"));
            return new JsonObject { ["id"] = dispute.Id, ["status"] = dispute.Status };
        });
        Post("/simulator/disputes/{id}/decide", (order, http) =>
        {
            var id = (string)http.Request.RouteValues["id"]!;
            var dispute = simulation.Disputes.Find(id) ?? throw StripeError.NotFound("dispute", id);
            if (dispute.Status is "won" or "lost")
            {
                throw StripeError.Invalid($"The dispute {id} is decided: {dispute.Status}.");
            }

            if ((string?)order["outcome"] == "won")
            {
                Disputes.Win(simulation, dispute);
            }
            else
            {
                Disputes.Lose(simulation, dispute);
            }

            return new JsonObject { ["id"] = id, ["status"] = dispute.Status };
        });
        Post("/simulator/reset", (_, _) =>
        {
            faults.Clear();
            webhooks.Forget();
            simulation.Reset();
            return new JsonObject { ["reset"] = true };
        });
        Get("/simulator/totals", () => SimulatorTotals.Of(simulation));

        void Get(string path, Func<JsonNode> answer) => app.MapGet(path, () => Run(answer));

        void Post(string path, Func<JsonObject, HttpContext, JsonNode> answer) => app.MapPost(path, async (HttpContext http) =>
        {
            JsonObject order;
            try
            {
                order = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? [] : await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted) as JsonObject ?? [];
            }
            catch (JsonException wrong)
            {
                return new Answered(400, StripeError.Invalid($"The body is not JSON: {wrong.Message}").Body(""));
            }

            return Run(() => answer(order, http));
        });

        IResult Run(Func<JsonNode> answer)
        {
            lock (simulation.Gate)
            {
                try
                {
                    var body = JsonSerializer.SerializeToUtf8Bytes(answer());
                    simulation.Commit();
                    return new Answered(200, body);
                }
                catch (StripeError error)
                {
                    simulation.Commit();
                    return new Answered(error.Status, error.Body(""));
                }
                // Orders are read before they change anything, and a JSON value of another kind cannot be converted.
                catch (Exception wrong) when (wrong is InvalidOperationException or FormatException)
                {
                    return new Answered(400, StripeError.Invalid($"A value of the order is not of the kind that is expected there: {wrong.Message}").Body(""));
                }
            }
        }
    }

    static JsonObject Clock(Simulation simulation) => new() { ["now"] = simulation.Now, ["offset"] = simulation.ClockOffset };

    static Fault ReadFault(JsonObject order)
    {
        var kind = (string?)order["kind"] switch
        {
            "timeout_after_effect" => FaultKind.TimeoutAfterEffect,
            "timeout_before_effect" => FaultKind.TimeoutBeforeEffect,
            "500" => FaultKind.InternalError,
            "500_after_effect" => FaultKind.InternalErrorAfterEffect,
            "429" => FaultKind.RateLimited,
            "delay" => FaultKind.Delay,
            var other => throw StripeError.Invalid($"Unknown fault '{other}': timeout_after_effect, timeout_before_effect, 500, 500_after_effect, 429 or delay.", "kind"),
        };
#pragma warning disable CA5394 // Faults must be repeatable, not secret.
        return new Fault(
            kind, (string?)order["method"], (string?)order["path"], (int)(Number(order, "count") ?? 1), (double?)order["probability"] ?? 1, (int)(Number(order, "milliseconds") ?? 1000),
            new Random((int)(Number(order, "seed") ?? 1)));
#pragma warning restore CA5394
    }

    static long? Number(JsonObject order, string name) => (long?)order[name];

    static bool Flag(JsonObject order, string name) => (bool?)order[name] ?? false;
}
