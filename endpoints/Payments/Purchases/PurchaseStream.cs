using System.Text.Json;
using Dapper;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>Reads and appends to a purchase's events. The row in payments.purchase is their fold and the lock that orders writers.</summary>
static class PurchaseStream
{
    const string Upsert =
        """
        INSERT INTO payments.purchase AS p (
            purchase_id, version, status, kind, item_id, payer_id, tutor_id, title, lessons, lessons_confirmed, price_minor, fee_minor, currency,
            captured_minor, stripe_fee_minor, refunded_minor, released_minor, intent_id, charge_id, last_decline, started_at, paid_at, state)
        VALUES (
            @Id, @Version, @status, @kind, @ItemId, @PayerId, @TutorId, @Title, @Lessons, @LessonsGiven, @Price, @Fee, @Currency,
            @CapturedAmount, @StripeFees, @Refunded, @released, @IntentId, @ChargeId, @LastDecline, @StartedAt, @PaidAt, @state::jsonb)
        ON CONFLICT (purchase_id) DO UPDATE
        SET version = EXCLUDED.version, status = EXCLUDED.status, lessons_confirmed = EXCLUDED.lessons_confirmed, captured_minor = EXCLUDED.captured_minor,
            stripe_fee_minor = EXCLUDED.stripe_fee_minor, refunded_minor = EXCLUDED.refunded_minor, released_minor = EXCLUDED.released_minor,
            intent_id = EXCLUDED.intent_id, charge_id = EXCLUDED.charge_id, last_decline = EXCLUDED.last_decline, paid_at = EXCLUDED.paid_at, state = EXCLUDED.state
        WHERE p.version = @before
        """;

    /// <summary>The purchase, locked until the message commits; null when there is none.</summary>
    public static async Task<Purchase?> LoadPurchase(this IMessageHandlerContext context, Guid purchaseId)
    {
        var state = await context.Db.QuerySingleOrDefaultAsync<string>(
            """
            SELECT state::text
            FROM payments.purchase
            WHERE purchase_id = @purchaseId
            FOR UPDATE
            """, new { purchaseId });
        return state is null ? null : Read(state);
    }

    /// <summary>The purchase of a message that only exists because the purchase does.</summary>
    public static async Task<Purchase> PurchaseOf(this IMessageHandlerContext context, Guid purchaseId)
        => await context.LoadPurchase(purchaseId)
            ?? throw new InvalidOperationException($"Purchase {purchaseId} does not exist (yet): message {context.MessageId} is tried again.");

    public static Purchase Read(string state) => JsonSerializer.Deserialize(state, PurchaseJson.Default.Purchase)!;

    public static string Write(Purchase purchase) => JsonSerializer.Serialize(purchase, PurchaseJson.Default.Purchase);

    /// <summary>The purchase that stored events make, oldest first.</summary>
    public static Purchase Fold(Guid purchaseId, IEnumerable<string> events)
        => events.Aggregate((Purchase?)null, (purchase, data) => Purchase.Apply(purchase, purchaseId, JsonSerializer.Deserialize(data, PurchaseJson.Default.PurchaseEvent)!))
            ?? throw new InvalidOperationException($"Purchase {purchaseId} has no events.");

    /// <summary>Appends what happened: events, row and ledger together. Gives the purchase as it is afterwards.</summary>
    public static async Task<Purchase> Append(this IMessageHandlerContext context, Purchase? purchase, Guid purchaseId, Guid? by, params IReadOnlyList<PurchaseEvent> happened)
    {
        var before = purchase;
        foreach (var e in happened)
        {
            var next = Purchase.Apply(purchase, purchaseId, e);
            await context.Post($"purchase/{purchaseId}/{next.Version}", TypeOf(e), purchaseId, next.Currency, PurchaseMoney.Movements(purchase, next));
            purchase = next;
        }

        var written = await context.Db.ExecuteAsync(
            """
            WITH appended AS (
                INSERT INTO payments.purchase_event (purchase_id, version, type, data, actor_id, message_id, occurred_at)
                SELECT @Id, @before + version, data ->> 'type', data, @by, @MessageId, @Now
                FROM unnest(@events::jsonb[]) WITH ORDINALITY AS e (data, version)
            )
            """ + Upsert,
            Row(purchase!, before?.Version ?? 0, happened, by, context));
        if (written == 0)
            throw new InvalidOperationException($"Purchase {purchaseId} was changed without its lock while message {context.MessageId} was handled; it is tried again.");
        return purchase!;
    }

    /// <summary>Writes the row anew from a purchase that was folded from its events; nothing has happened.</summary>
    public static Task Replace(this IMessageHandlerContext context, Purchase rebuilt)
        => context.Db.ExecuteAsync(
            "UPDATE payments.purchase SET version = @Version WHERE purchase_id = @Id; " + Upsert,
            Row(rebuilt, rebuilt.Version, [], null, context));

    public static string TypeOf(PurchaseEvent happened)
        => JsonSerializer.SerializeToElement(happened, PurchaseJson.Default.PurchaseEvent).GetProperty("type").GetString()!;

    static object Row(Purchase purchase, long before, IReadOnlyList<PurchaseEvent> happened, Guid? by, IMessageHandlerContext context) => new
    {
        purchase.Id,
        purchase.Version,
        before,
        by,
        context.MessageId,
        context.Now,
        events = happened.Select(e => JsonSerializer.Serialize(e, PurchaseJson.Default.PurchaseEvent)).ToArray(),
        status = Word(purchase.Status),
        kind = Word(purchase.Kind),
        purchase.ItemId,
        purchase.PayerId,
        purchase.TutorId,
        purchase.Title,
        purchase.Lessons,
        purchase.LessonsGiven,
        purchase.Price,
        purchase.Fee,
        purchase.Currency,
        purchase.CapturedAmount,
        purchase.StripeFees,
        purchase.Refunded,
        released = PurchaseMoney.Released(purchase),
        purchase.IntentId,
        purchase.ChargeId,
        purchase.LastDecline,
        purchase.StartedAt,
        purchase.PaidAt,
        state = Write(purchase),
    };

    /// <summary>An enum's value as columns and JSON have it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum
        => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
