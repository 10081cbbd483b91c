using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class UnblockPersonHandler : IHandleMessages<UnblockPerson>
{
    public async Task Handle(UnblockPerson command, IMessageHandlerContext context)
    {
        if (await context.Items.Table.Get(Keys.Account(command.By.Id), Keys.Block(command.AccountId), context.CancellationToken) is not null)
        {
            context.Items.Delete(Keys.Account(command.By.Id), Keys.Block(command.AccountId), "attribute_exists(pk)");
            await context.Publish(new PersonUnblocked(command.By.Id, command.AccountId, context.Now));
        }

        await context.Reply(new Done(command.AccountId));
    }
}
