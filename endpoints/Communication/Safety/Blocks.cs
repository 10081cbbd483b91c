using EdTech.Hosting;

namespace EdTech.Communication;

/// <summary>Who does not want to be written to by whom.</summary>
static class Blocks
{
    /// <summary>Whether either has blocked the other.</summary>
    public static async Task<bool> Between(DynamoTable table, Guid one, Guid other, CancellationToken ct) => await With(table, one, [other], ct) is not null;

    /// <summary>One of the others who has blocked the person or is blocked by them; null when there is none.</summary>
    public static async Task<Guid?> With(DynamoTable table, Guid person, IReadOnlyList<Guid> others, CancellationToken ct)
    {
        var keys = others.SelectMany(o => new[] { (Keys.Account(person), Keys.Block(o)), (Keys.Account(o), Keys.Block(person)) }).ToArray();
        return (await table.GetMany(keys, ct)).FirstOrDefault() is not { } block ? null
            : block["pk"].S == Keys.Account(person) ? block.Id("account_id")
            : Guid.Parse(block["pk"].S.AsSpan("A#".Length));
    }
}
