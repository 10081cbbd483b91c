using EdTech.Hosting;
using Npgsql;

namespace EdTech.Payments;

sealed class SendReceiptHandler(NpgsqlDataSource db, PayerContacts contacts, ReceiptMail mail) : IHandleOutsideCalls<SendReceipt>
{
    public async Task Handle(SendReceipt message, IMessageHandlerContext context)
    {
        var receipt = await Receipt.Read(db, message.PurchaseId, context.CancellationToken)
            ?? throw new InvalidOperationException($"Purchase {message.PurchaseId} has no receipt.");
        if (await contacts.Find(receipt.PayerId, context.CancellationToken) is not { Email: { } address } payer)
            return; // the account is gone: nobody is to receive it

        var number = receipt.View.Number;
        await mail.Send(
            message.PurchaseId,
            "receipt",
            receipt.View.PaidAt,
            address,
            $"Your receipt {number}",
            $"Hello {payer.DisplayName},\n\nthank you. You paid {MoneyText.Of(receipt.View.Paid)} for:\n\n{receipt.View.Title}\n\nYour receipt {number} is attached.\n",
            ReceiptPage.Html(receipt.View, payer.DisplayName),
            ReceiptPdf.Write(receipt.View, payer.DisplayName),
            $"receipt-{number}.pdf",
            context.CancellationToken);
    }
}
