using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EdTech.Contracts;
using EdTech.Hosting;

namespace EdTech.Gateway;

/// <summary>
/// Names a command that is still under way so that its caller, and nobody else, can ask for its outcome. Nothing is stored: the id holds what is
/// needed to ask the owning worker, under a seal.
/// </summary>
sealed class OperationIds(IConfiguration configuration)
{
    const int SealBytes = 16;

    /// <summary>Stands for the id of what is made, in a link that must be known before it is made.</summary>
    static readonly Guid Placeholder = new("ffffffff-ffff-8fff-bfff-ffffffffffff");

    readonly byte[] _key = configuration.DeriveKey("gateway operations");

    public string Make(string worker, string messageId, Actor actor, Func<Done, string>? location)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(new PendingOperation(worker, messageId, actor.Id, location?.Invoke(new Done(Placeholder))), GatewayJson.Default.PendingOperation);
        return Base64Url.EncodeToString([.. Seal(content), .. content]);
    }

    /// <summary>Null when the id was not made here, or for somebody else.</summary>
    public PendingOperation? Read(string id, Actor actor)
    {
        if (id.Length is 0 or > 2000 || !Base64Url.IsValid(id)) return null;
        var bytes = Base64Url.DecodeFromChars(id);
        if (bytes.Length <= SealBytes || !CryptographicOperations.FixedTimeEquals(Seal(bytes.AsSpan(SealBytes)), bytes.AsSpan(0, SealBytes))) return null;
        var operation = JsonSerializer.Deserialize(bytes.AsSpan(SealBytes), GatewayJson.Default.PendingOperation)!;
        return operation.Actor == actor.Id ? operation : null;
    }

    /// <summary>The link to what was made.</summary>
    public static string? LinkTo(PendingOperation operation, Guid id) => operation.Link?.Replace(Placeholder.ToString(), id.ToString(), StringComparison.Ordinal);

    ReadOnlySpan<byte> Seal(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key, content).AsSpan(0, SealBytes);
}

/// <summary>What an operation's id holds.</summary>
sealed record PendingOperation(string Worker, string MessageId, Guid Actor, string? Link);

/// <summary>How far an operation is.</summary>
[JsonConverter(typeof(CamelCaseEnum<OperationStatus>))]
enum OperationStatus
{
    /// <summary>Not carried out yet. Ask again.</summary>
    Pending,

    /// <summary>It took effect.</summary>
    Done,

    /// <summary>It was refused and changed nothing.</summary>
    Refused,
}

/// <summary>A command that its caller did not wait for.</summary>
/// <param name="Id">To ask again with.</param>
/// <param name="Status">How far it is.</param>
/// <param name="At">When it took effect or was refused.</param>
/// <param name="Link">Where what was made can be read.</param>
/// <param name="Reply">What the command would have answered at once.</param>
/// <param name="Problem">Why it was refused.</param>
sealed record OperationView(string Id, OperationStatus Status, DateTimeOffset? At = null, string? Link = null, JsonNode? Reply = null, ApiProblem? Problem = null);
