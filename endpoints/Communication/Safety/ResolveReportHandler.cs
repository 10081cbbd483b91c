using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class ResolveReportHandler : IHandleMessages<ResolveReport>
{
    public async Task Handle(ResolveReport command, IMessageHandlerContext context)
    {
        if (!command.By.May("chat.moderate"))
        {
            await context.Refuse(RefusalKind.Forbidden, "report.not_moderator", "Only the platform's moderators close reports.");
            return;
        }

        if (command.Outcome.Length is 0 or > 500)
        {
            await context.Refuse(RefusalKind.Invalid, "report.outcome", "A report is closed with an outcome of 1 to 500 characters.");
            return;
        }

        var sk = command.ReportId.ToString();
        if (await context.Items.Table.Get(Keys.OpenReports, sk, context.CancellationToken) is not { } report)
        {
            await (await context.Items.Table.Get(Keys.ClosedReports, sk, context.CancellationToken) is null
                ? context.Refuse(RefusalKind.NotFound, "report.not_found", "There is no such report.")
                : context.Refuse(RefusalKind.Conflict, "report.closed", "The report is closed."));
            return;
        }

        context.Items.Delete(Keys.OpenReports, sk, "attribute_exists(pk)");
        report["pk"] = DynamoValues.Of(Keys.ClosedReports);
        context.Items.Put(report.With("outcome", command.Outcome).With("closed_by", command.By.Id).With("closed_at", context.Now));
        await context.Publish(new ReportResolved(command.ReportId, report.Id("conversation_id"), context.Now));
        await context.Reply(new Done(command.ReportId));
    }
}
