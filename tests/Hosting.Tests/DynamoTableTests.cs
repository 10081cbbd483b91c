using Amazon.DynamoDBv2.Model;
using Shouldly;

namespace EdTech.Hosting.Tests;

public sealed class DynamoTableTests(LibraryFixture library)
{
    [Fact]
    public async Task Any_number_of_items_is_written_read_by_key_and_read_in_order()
    {
        var pk = $"LIST#{Guid.CreateVersion7()}";
        var keys = Enumerable.Range(0, 130).Select(n => (Pk: pk, Sk: $"ITEM#{n:0000}")).ToArray();
        await library.Table.Write([.. keys.Select(k => new WriteRequest(new PutRequest(new() { ["pk"] = new AttributeValue(k.Pk), ["sk"] = new AttributeValue(k.Sk), ["text"] = new AttributeValue(new string('x', 20_000)) })))], CancellationToken.None);

        var byKey = await library.Table.GetMany([.. keys, .. keys, (pk, "ITEM#none")], CancellationToken.None, projection: "sk");
        byKey.Select(i => i["sk"].S).Order(StringComparer.Ordinal).ShouldBe(keys.Select(k => k.Sk));

        // 130 items of 20 KB are more than one page of 1 MB.
        var oldest = await library.Table.Query(pk, "ITEM#0000", "ITEM#9999", 120, newestFirst: false, CancellationToken.None);
        oldest.Select(i => i["sk"].S).ShouldBe(keys.Take(120).Select(k => k.Sk));
        var newest = await library.Table.Query(pk, "ITEM#0000", "ITEM#0127", 2, newestFirst: true, CancellationToken.None);
        newest.Select(i => i["sk"].S).ShouldBe(["ITEM#0127", "ITEM#0126"]);

        await library.Table.Write([new WriteRequest(new DeleteRequest(new() { ["pk"] = new AttributeValue(pk), ["sk"] = new AttributeValue("ITEM#0000") }))], CancellationToken.None);
        (await library.Table.Get(pk, "ITEM#0000", CancellationToken.None)).ShouldBeNull();
        (await library.Table.Query(pk, "ITEM#none", "ITEM#none", 10, newestFirst: false, CancellationToken.None)).ShouldBeEmpty();
    }
}
