using Dapper;
using EdTech.Hosting;

namespace EdTech.Payments;

/// <summary>The accounts of the books; schema 002 says what each holds.</summary>
static class Accounts
{
    public const string Stripe = "stripe";
    public const string Connected = "connected";
    public const string Disputed = "disputed";
    public const string StripeFees = "stripe_fees";
    public const string Learner = "learner";
    public const string Held = "held";
    public const string Tutor = "tutor";
    public const string PlatformFees = "platform_fees";

    /// <summary>Owner of the platform's own accounts.</summary>
    public static readonly Guid Platform = Guid.Empty;
}

/// <summary>One side of a movement: debits are positive, credits negative.</summary>
readonly record struct Posting(string Account, Guid Owner, long Amount);

static class Ledger
{
    /// <summary>Posts one balanced set, in one round trip. The database refuses a set that does not balance and a reference that was posted before.</summary>
    /// <param name="context">Of the message at hand.</param>
    /// <param name="reference">What is posted, for good: <c>purchase/{id}/{version}</c>, <c>payout/{id}</c>.</param>
    /// <param name="kind">What it is called on a statement.</param>
    /// <param name="purchaseId">The purchase that it belongs to, if one.</param>
    /// <param name="currency">ISO 4217.</param>
    /// <param name="postings">Debits and credits; an empty set is not posted.</param>
    public static Task Post(this IMessageHandlerContext context, string reference, string kind, Guid? purchaseId, string currency, IReadOnlyList<Posting> postings)
        => postings.Count == 0
            ? Task.CompletedTask
            : context.Db.ExecuteAsync(
                """
                WITH posting_set AS (
                    INSERT INTO payments.posting_set (reference, kind, purchase_id, message_id, posted_at)
                    VALUES (@reference, @kind, @purchaseId, @MessageId, @Now)
                    RETURNING posting_set_id
                )
                INSERT INTO payments.posting (posting_set_id, line, account, owner_id, currency, amount_minor, posted_at)
                SELECT posting_set_id, line, account, owner_id, @currency, amount_minor, @Now
                FROM posting_set
                CROSS JOIN unnest(@accounts, @owners, @amounts) WITH ORDINALITY AS p (account, owner_id, amount_minor, line)
                """,
                new
                {
                    reference,
                    kind,
                    purchaseId,
                    context.MessageId,
                    context.Now,
                    currency,
                    accounts = postings.Select(p => p.Account).ToArray(),
                    owners = postings.Select(p => p.Owner).ToArray(),
                    amounts = postings.Select(p => p.Amount).ToArray(),
                });
}
