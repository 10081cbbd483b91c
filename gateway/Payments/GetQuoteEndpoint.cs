using EdTech.Contracts.Payments;
using FastEndpoints;

namespace EdTech.Gateway;

sealed record GetQuoteRequest([property: RouteParam] Guid QuoteId);

sealed class GetQuoteEndpoint : QueryEndpoint<GetQuoteRequest, QuoteView>
{
    public override void Configure()
    {
        Get("/v1/quotes/{quoteId}");
        Permissions("learn");
        Describe("Read a quote: price, fee and the tutor's share");
    }

    public override Task HandleAsync(GetQuoteRequest req, CancellationToken ct) => ForwardAsync("payments", $"/internal/payments/quotes/{req.QuoteId}", ct);
}
