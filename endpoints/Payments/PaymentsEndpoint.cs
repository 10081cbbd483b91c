using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Payments;

/// <summary>Money: purchases, the ledger, refunds, disputes, tutors' earnings and payouts.</summary>
public static class PaymentsEndpoint
{
    /// <summary>The name of the endpoint and of its queue.</summary>
    public const string Name = "EdTech.Payments";

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args)
        => WorkerHost.Build(
            new Worker(Name, typeof(PaymentsEndpoint).Assembly)
                .Services(StripeClients.AddTo)
                .Services(PayerContacts.AddTo)
                .Services(services => services.AddHostedService<PaymentsClock>())
                .Services(services => services.AddSingleton(CustomCheck.Reachable("Stripe reachable", p => p.GetRequiredService<StripeSettings>().Api)))
                .Queries(PurchaseRoutes.Map)
                .Queries(OfferRoutes.Map)
                .Queries(ReceiptRoutes.Map)
                .Queries(EarningsRoutes.Map)
                .Queries(ReportRoutes.Map),
            args);
}
