using System.Net;
using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

sealed class SendRefundNoticeHandler(NpgsqlDataSource db, PayerContacts contacts, ReceiptMail mail) : IHandleOutsideCalls<SendRefundNotice>
{
    public async Task Handle(SendRefundNotice message, IMessageHandlerContext context)
    {
        var receipt = await Receipt.Read(db, message.PurchaseId, context.CancellationToken)
            ?? throw new InvalidOperationException($"Purchase {message.PurchaseId} has no receipt.");
        if (await contacts.Find(receipt.PayerId, context.CancellationToken) is not { Email: { } address } payer)
            return;

        var (number, amount, title) = (receipt.View.Number, MoneyText.Of(message.Amount), receipt.View.Title);
        await mail.Send(
            message.RefundId,
            "refund",
            message.At,
            address,
            $"Your refund of {amount}",
            $"Hello {payer.DisplayName},\n\n{amount} of what you paid for:\n\n{title}\n\ngo back to the card that you paid with, usually within ten days. The receipt {number} as it stands now is attached.\n",
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <body>
            <p>Hello {WebUtility.HtmlEncode(payer.DisplayName)},</p>
            <p>{amount} of what you paid for <strong>{WebUtility.HtmlEncode(title)}</strong> go back to the card that you paid with, usually within ten days.</p>
            <p>The receipt {number} as it stands now is attached.</p>
            </body>
            </html>
            """,
            ReceiptPdf.Write(receipt.View, payer.DisplayName),
            $"receipt-{number}.pdf",
            context.CancellationToken);
    }
}
