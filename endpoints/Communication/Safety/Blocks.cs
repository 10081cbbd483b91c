using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Who does not want to be written to by whom.</summary>
static class Blocks
{
    /// <summary>Whether either has blocked the other.</summary>
    public static async Task<bool> Between(DynamoTable table, Guid one, Guid other, CancellationToken ct)
        => (await table.GetMany([(Keys.Account(one), Keys.Block(other)), (Keys.Account(other), Keys.Block(one))], ct, "pk")).Count > 0;
}
