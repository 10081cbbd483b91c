using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace EdTech.Payments;

/// <summary>Has Stripe make a link to its form for the caller's own account. Whoever holds the link can act for the tutor, so it is neither stored nor sent over the bus.</summary>
static class OpenOnboardingForm
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/payments/me/payout-account/link", Handle);

    static async Task<IResult> Handle(HttpContext http, NpgsqlDataSource db, StripeApi stripe, IConfiguration configuration, CancellationToken ct)
    {
        var actor = http.Actor();
        if (!actor.May("courses.author"))
            return InternalApi.Refuse(RefusalKind.Forbidden, "payout_account.not_permitted", "Only tutors are paid out.");

        string? accountId;
        await using (var connection = await db.OpenConnectionAsync(ct))
        {
            accountId = await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
                "SELECT stripe_account_id FROM payments.tutor_account WHERE tutor_id = @tutor", new { tutor = actor.Id }, cancellationToken: ct));
        }

        if (accountId is null)
            return InternalApi.Refuse(RefusalKind.Conflict, "payout_account.not_open", "There is no account at Stripe (yet): open it, or ask again in a moment.");
        try
        {
            var form = await stripe.CreateOnboardingLink(accountId, configuration["EDTECH_ONBOARDING_RETURN_URL"] ?? configuration.PublicUrl(), ct);
            return TypedResults.Ok(new OnboardingLink(form.Url, form.ExpiresAt));
        }
        catch (StripeRefusal refusal)
        {
            return InternalApi.Refuse(RefusalKind.Conflict, "payout_account.link_refused", $"Stripe gives no link to its form for this account: {refusal.Code}.");
        }
    }
}
