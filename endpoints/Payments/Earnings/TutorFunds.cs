using Dapper;
using Npgsql;

namespace EdTech.Payments;

/// <summary>What a tutor has in one currency; amounts in minor units.</summary>
/// <param name="Balance">Earned and not in the bank; negative when refunds came after the payout.</param>
/// <param name="Connected">Of it in the tutor's own Stripe account.</param>
/// <param name="TransfersUnderWay">Decided, not confirmed by Stripe.</param>
/// <param name="Reversing">Being taken back, not confirmed by Stripe.</param>
/// <param name="RecentlyReleased">Released to the tutor in the last 30 days.</param>
sealed record TutorFunds(long Balance, long Connected, long TransfersUnderWay, long Reversing, long RecentlyReleased)
{
    /// <summary>A share of what was released lately stays back, because learners may still give it back.</summary>
    public long Reserve(int percent, string currency) => PurchaseMoney.Part(Math.Max(0, RecentlyReleased), percent, 100, currency);

    /// <summary>What may still be transferred: what is owed and neither there nor on its way.</summary>
    public long Transferable => Math.Max(0, Balance - Connected - TransfersUnderWay);

    /// <summary>What a payout may send: never more than is owed, never more than lies in the account and stays there, less the reserve.</summary>
    public long Payable(int reservePercent, string currency)
    {
        var unit = StripeAmounts.PayoutUnit(currency);
        return Math.Max(0, Math.Min(Balance, Connected - Reversing) - Reserve(reservePercent, currency)) / unit * unit;
    }

    public static Task<TutorFunds> Read(NpgsqlConnection db, Guid tutorId, string currency, DateTimeOffset now)
        => db.QuerySingleAsync<TutorFunds>(
            """
            SELECT
                COALESCE((SELECT -sum(balance_minor) FROM payments.balance WHERE account = 'tutor' AND owner_id = @tutorId AND currency = @currency), 0)::bigint AS balance,
                COALESCE((SELECT sum(balance_minor) FROM payments.balance WHERE account = 'connected' AND owner_id = @tutorId AND currency = @currency), 0)::bigint AS connected,
                COALESCE((SELECT sum(amount_minor) FROM payments.transfer WHERE tutor_id = @tutorId AND currency = @currency AND status = 'pending'), 0)::bigint AS transfers_under_way,
                COALESCE((SELECT sum(reversing_minor) FROM payments.transfer WHERE tutor_id = @tutorId AND currency = @currency AND reversing_minor > 0), 0)::bigint AS reversing,
                COALESCE((
                    SELECT -sum(p.amount_minor)
                    FROM payments.posting p
                    JOIN payments.posting_set s USING (posting_set_id)
                    WHERE p.account = 'tutor' AND p.owner_id = @tutorId AND p.currency = @currency AND p.posted_at > @since AND s.purchase_id IS NOT NULL), 0)::bigint AS recently_released
            """,
            new { tutorId, currency, since = now.AddDays(-30) });

    /// <summary>Makes the tutor's row if there is none, and holds it until the message commits: nobody else decides on this tutor's money meanwhile.</summary>
    public static async Task<TutorAccount> Lock(NpgsqlConnection db, Guid tutorId, DateTimeOffset now)
    {
        await db.ExecuteAsync("INSERT INTO payments.tutor_account (tutor_id, opened_at) VALUES (@tutorId, @now) ON CONFLICT DO NOTHING", new { tutorId, now });
        return await db.QuerySingleAsync<TutorAccount>(
            """
            SELECT tutor_id, country, stripe_account_id, details_submitted, payouts_enabled, requirements, payout_interval, payout_minimum, version, looked_at
            FROM payments.tutor_account
            WHERE tutor_id = @tutorId
            FOR UPDATE
            """, new { tutorId });
    }
}

sealed record TutorAccount
{
    public Guid TutorId { get; init; }

    public string? Country { get; init; }

    public string? StripeAccountId { get; init; }

    public bool DetailsSubmitted { get; init; }

    public bool PayoutsEnabled { get; init; }

    public string[] Requirements { get; init; } = [];

    public string PayoutInterval { get; init; } = "";

    public long PayoutMinimum { get; init; }

    public long Version { get; init; }

    /// <summary>When Stripe was last asked about the account; null before the first answer.</summary>
    public DateTime? LookedAt { get; init; }
}
