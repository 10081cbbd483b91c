using System.Security.Cryptography;
using System.Text;
using Dapper;
using EdTech.Contracts.Learning;
using EdTech.Contracts.Payments;
using EdTech.Hosting;

namespace EdTech.Payments;

static class RefundOrder
{
    /// <summary>Decides on a refund and has Stripe make it. The amount must be within <see cref="Purchase.Refundable"/>.</summary>
    public static async Task<Purchase> AskRefund(this IMessageHandlerContext context, Purchase purchase, Guid refundId, long amount, string reason, Guid? by)
    {
        if (amount <= 0 || amount > purchase.Refundable)
            throw new ArgumentOutOfRangeException(nameof(amount), amount, $"Purchase {purchase.Id} has {purchase.Refundable} {purchase.Currency} left to refund.");
        await context.Db.ExecuteAsync(
            """
            INSERT INTO payments.refund (refund_id, purchase_id, amount_minor, status, requested_by, reason, requested_at)
            VALUES (@refundId, @Id, @amount, 'requested', @by, @reason, @Now)
            """, new { refundId, purchase.Id, amount, by = by ?? Guid.Empty, reason, context.Now });
        var after = await context.Append(purchase, purchase.Id, by, new PurchaseEvent.RefundAsked(refundId, amount, purchase.LessonsIn(amount), reason));
        await context.RequestCall(new MakeRefund(refundId, purchase.Id));
        return after;
    }

    /// <summary>The id of a refund that the platform decides on by itself: the same purchase and reason are the same refund.</summary>
    public static Guid IdOf(Guid purchaseId, string reason)
        => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{purchaseId}/{reason}")).AsSpan(0, 16));

    /// <summary>What follows when money has gone back: what was transferred for it is taken back, and access ends with the last of it.</summary>
    public static async Task SettleMoneyGone(this IMessageHandlerContext context, Purchase before, Purchase after)
    {
        await context.SendLocal(new TakeBackTransfers(after.Id));
        if (after.ClosedAs is not null && before.ClosedAs is null && after.Kind == PurchaseKind.Course)
            await context.Send(new RevokePaidEnrolment(new Contracts.Actor(after.PayerId, []), after.ItemId, after.Id));
    }
}
