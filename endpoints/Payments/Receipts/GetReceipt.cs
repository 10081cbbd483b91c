using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Payments;

/// <summary>The receipt of a paid purchase, for its payer and support: as a page, and as PDF.</summary>
static class GetReceipt
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/internal/payments/purchases/{purchaseId:guid}/receipt", (Guid purchaseId, HttpContext http, NpgsqlDataSource db, PayerContacts contacts, CancellationToken ct)
            => Handle(purchaseId, http, db, contacts, (receipt, payer) => Results.Text(ReceiptPage.Html(receipt.View, payer), "text/html; charset=utf-8"), ct));
        app.MapGet("/internal/payments/purchases/{purchaseId:guid}/receipt.pdf", (Guid purchaseId, HttpContext http, NpgsqlDataSource db, PayerContacts contacts, CancellationToken ct)
            => Handle(purchaseId, http, db, contacts, (receipt, payer) => Results.Bytes(ReceiptPdf.Write(receipt.View, payer), "application/pdf"), ct));
    }

    static async Task<IResult> Handle(Guid purchaseId, HttpContext http, NpgsqlDataSource db, PayerContacts contacts, Func<Receipt, string, IResult> show, CancellationToken ct)
    {
        if (await GetPurchase.Visible(db, purchaseId, http.Actor(), tutorToo: false, ct) is null)
            return GetPurchase.NotFound();
        if (await Receipt.Read(db, purchaseId, ct) is not { } receipt)
            return InternalApi.Refuse(RefusalKind.NotFound, "receipt.not_found", "There is a receipt once the purchase is paid.");
        return show(receipt, (await contacts.Find(receipt.PayerId, ct))?.DisplayName ?? "");
    }
}
