using EdTech.Contracts;
using EdTech.Contracts.Payments;
using EdTech.Hosting;
using Microsoft.Extensions.Configuration;

namespace EdTech.Payments;

sealed class RequestPayoutHandler(IConfiguration configuration) : IHandleMessages<RequestPayout>
{
    public async Task Handle(RequestPayout command, IMessageHandlerContext context)
    {
        if (!command.By.May("courses.author"))
        {
            await context.Refuse(RefusalKind.Forbidden, "payout_account.not_permitted", "Only tutors are paid out.");
            return;
        }

        if (command.Currency is null || !Currencies.Known(command.Currency))
        {
            await context.Refuse(RefusalKind.Invalid, "payout.currency", "An ISO 4217 code in upper case.", new Dictionary<string, string> { ["currency"] = command.Currency ?? "" });
            return;
        }

        var tutor = await TutorFunds.Lock(context.Db, command.By.Id, context.Now);
        if (!tutor.PayoutsEnabled)
        {
            await context.Refuse(RefusalKind.Conflict, "payout.not_enabled", "Stripe has not verified the account yet.");
            return;
        }

        var funds = await TutorFunds.Read(context.Db, command.By.Id, command.Currency, context.Now);
        if (funds.Payable(PayoutReserve.Percent(configuration), command.Currency) <= 0)
        {
            await context.Refuse(RefusalKind.Conflict, "payout.nothing_available", $"Nothing in {command.Currency} can be paid out at the moment.");
            return;
        }

        await context.SendLocal(new LookAtFunds(command.PayoutId, command.By.Id, command.Currency, ByHand: true));
        await context.Reply(new Done(command.PayoutId));
    }
}

/// <summary>What stays back against refunds: <c>EDTECH_PAYOUT_RESERVE_PERCENT</c> of what was released in the last 30 days, 10 by default.</summary>
static class PayoutReserve
{
    public static int Percent(IConfiguration configuration)
        => int.Parse(configuration["EDTECH_PAYOUT_RESERVE_PERCENT"] ?? "10", System.Globalization.CultureInfo.InvariantCulture);
}
