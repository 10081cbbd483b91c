using Amazon.DynamoDBv2.Model;

namespace EdTech.Hosting;

/// <summary>
/// What a handler on DynamoDB writes. It takes effect, together with the record that the message was handled and what the handler sent, in one
/// TransactWriteItems after the handler returned. At most 10 items in all, inbox and saga items included: DynamoDB Local's bound (the service allows 100).
/// Each item can be written once. Keys appear in the texts of errors, so they hold ids and no personal data; those that begin with <c>INBOX#</c> or
/// <c>SAGA</c> are the runtime's.
/// </summary>
public interface IDynamoWrites
{
    /// <summary>The endpoint's table, for reads. They see nothing of this unit of work.</summary>
    DynamoTable Table { get; }

    /// <summary>Adds a put, an update, a delete or a check. Its table name is filled in. A failing condition undoes everything and has the handler run again on fresh reads.</summary>
    void Add(TransactWriteItem item);

    /// <summary>Puts an item whole.</summary>
    /// <param name="item">With its keys <c>pk</c> and <c>sk</c>.</param>
    /// <param name="condition">A condition expression, <c>attribute_not_exists(pk)</c> for instance.</param>
    /// <param name="values">The condition's values.</param>
    void Put(Dictionary<string, AttributeValue> item, string? condition = null, Dictionary<string, AttributeValue>? values = null);

    /// <summary>Changes an item.</summary>
    /// <param name="pk">Partition key.</param>
    /// <param name="sk">Sort key.</param>
    /// <param name="update">An update expression.</param>
    /// <param name="condition">A condition expression.</param>
    /// <param name="values">Values of both.</param>
    /// <param name="names">Names of both.</param>
    void Update(string pk, string sk, string update, string? condition = null, Dictionary<string, AttributeValue>? values = null, Dictionary<string, string>? names = null);

    /// <summary>Deletes an item.</summary>
    void Delete(string pk, string sk, string? condition = null, Dictionary<string, AttributeValue>? values = null);
}
