using EdTech.Contracts;
using EdTech.Contracts.Communication;
using EdTech.Hosting;

namespace EdTech.Communication;

sealed class BlockPersonHandler(KnownPeople people) : IHandleMessages<BlockPerson>
{
    const int MaxBlocks = 1_000;

    public async Task Handle(BlockPerson command, IMessageHandlerContext context)
    {
        var (table, pk, ct) = (context.Items.Table, Keys.Account(command.By.Id), context.CancellationToken);
        if (command.AccountId == command.By.Id)
        {
            await context.Refuse(RefusalKind.Invalid, "block.oneself", "Nobody can block themselves.");
            return;
        }

        if (await table.Get(pk, Keys.Block(command.AccountId), ct) is not null)
        {
            await context.Reply(new Done(command.AccountId));
            return;
        }

        if (await people.Unknown([command.AccountId], ct) is { Count: > 0 })
        {
            await context.Refuse(RefusalKind.NotFound, "person.not_found", "There is no such person.");
            return;
        }

        if ((await table.Query(pk, Keys.BlockPrefix, Keys.BlockPrefix + Keys.Last, MaxBlocks, newestFirst: false, ct)).Count >= MaxBlocks)
        {
            await context.Refuse(RefusalKind.Conflict, "block.too_many", $"Nobody can block more than {MaxBlocks} people.");
            return;
        }

        context.Items.Put(DynamoValues.Item(pk, Keys.Block(command.AccountId)).With("account_id", command.AccountId).With("at", context.Now));
        await context.Publish(new PersonBlocked(command.By.Id, command.AccountId, context.Now));
        await context.Reply(new Done(command.AccountId));
    }
}
