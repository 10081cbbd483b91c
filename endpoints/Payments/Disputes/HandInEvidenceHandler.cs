using System.Globalization;
using Dapper;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

/// <summary>
/// Lays out what is known of the purchase against its dispute, with what support has written, if it has. A bank reads evidence once: until <see cref="Submit"/> it can be
/// added to in Stripe's dashboard or by support.
/// </summary>
sealed record HandInEvidence(string DisputeId, Guid PurchaseId, string? Text, bool Submit) : IStripeCall
{
    public string CallId => $"evidence/{DisputeId}/{(Submit ? "submitted" : "staged")}";
}

/// <summary>Local: nobody has added anything for a while, so what is known has to do.</summary>
sealed record SubmitEvidenceInTime(string DisputeId, Guid PurchaseId);

sealed class SubmitEvidenceInTimeHandler : IHandleMessages<SubmitEvidenceInTime>
{
    /// <summary>Stripe gives seven days at least.</summary>
    public static readonly TimeSpan After = TimeSpan.FromDays(4);

    public async Task Handle(SubmitEvidenceInTime message, IMessageHandlerContext context)
    {
        if (await context.Db.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM payments.dispute WHERE dispute_id = @DisputeId AND status = 'needs_response')", new { message.DisputeId }))
            await context.RequestCall(new HandInEvidence(message.DisputeId, message.PurchaseId, null, Submit: true));
    }
}

sealed class HandInEvidenceHandler(StripeApi stripe, NpgsqlDataSource db) : IHandleOutsideCalls<HandInEvidence>
{
    public async Task Handle(HandInEvidence call, IMessageHandlerContext context)
    {
        if (await db.Outstanding(call, context.CancellationToken) is null)
            return;

        var (purchase, _) = await db.ReadPurchaseAndCustomer(call.PurchaseId, context.CancellationToken);
        var evidence = await Compile(purchase, call.Text, context.CancellationToken);
        DisputeState state;
        var handedIn = call.Submit;
        try
        {
            state = await stripe.HandInEvidence(call.DisputeId, evidence, call.Submit, call.CallId, context.CancellationToken);
        }
        catch (StripeRefusal)
        {
            // Decided or past its date in the meantime: what counts is where the dispute is now.
            state = await stripe.GetDispute(call.DisputeId, context.CancellationToken);
            handedIn = false;
        }

        await context.SendLocal(new RecordDispute(purchase.Id, state, call.CallId, handedIn));
    }

    /// <summary>What happened, when, without anybody's name: Stripe knows the card holder, we say what was delivered.</summary>
    async Task<DisputeEvidence> Compile(Purchase purchase, string? text, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var events = await connection.QueryAsync<(string Type, DateTime At)>(new CommandDefinition(
            """
            SELECT type, occurred_at
            FROM payments.purchase_event
            WHERE purchase_id = @Id
            ORDER BY version
            LIMIT 500
            """, new { purchase.Id }, cancellationToken: ct));
        var log = string.Join('\n', events.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.At:yyyy-MM-dd HH:mm:ss} UTC {e.Type}")));
        return new(
            purchase.Kind == PurchaseKind.Course
                ? $"Online course \"{purchase.Title}\": access from the enrolment on."
                : $"Online lessons \"{purchase.Title}\": {purchase.LessonsGiven} of {purchase.Lessons} given and confirmed by the customer.",
            purchase.PaidAt?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
            log,
            $"Within {Purchase.RefundWindow.Days} days of paying the customer gets back the price of a course, or of lessons not given yet, without giving a reason. The price was shown and accepted before paying.",
            text);
    }
}
