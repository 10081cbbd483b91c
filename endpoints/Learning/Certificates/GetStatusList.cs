using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Dapper;
using EdTech.Contracts;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Learning;

/// <summary>
/// Which certificates are revoked, as a signed W3C Bitstring Status List: whoever checks a certificate fetches a whole list, so that we do not learn
/// which one is checked.
/// </summary>
static class GetStatusList
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/internal/learning/issuer/status/{list:long}", Handle);

    static async Task<IResult> Handle(long list, NpgsqlDataSource db, IssuerKeys keys, TimeProvider time, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var results = await connection.QueryMultipleAsync(
            """
            SELECT COALESCE(max(status_index), -1) FROM learning.certificate;

            SELECT (status_index % @StatusListBits)::int
            FROM learning.certificate
            WHERE revoked_at IS NOT NULL AND status_index >= @list * @StatusListBits AND status_index < (@list + 1) * @StatusListBits;
            """,
            new { list, StatusListBits = (long)CourseCredential.StatusListBits });
        var last = await results.ReadSingleAsync<long>();
        if (list < 0 || (list > 0 && list > last / CourseCredential.StatusListBits))
            return InternalApi.Refuse(RefusalKind.NotFound, "status_list.not_found", "There is no such status list.");

        var bits = new byte[CourseCredential.StatusListBits / 8];
        foreach (var place in await results.ReadAsync<int>())
        {
            // The first index is the leftmost bit.
            bits[place / 8] |= (byte)(0x80 >> (place % 8));
        }

        var signing = await keys.Current(ct);
        var now = time.GetUtcNow();
        var url = CourseCredential.StatusListUrl(keys, list);
        var document = new JsonObject
        {
            ["@context"] = new JsonArray("https://www.w3.org/ns/credentials/v2"),
            ["id"] = url,
            ["type"] = new JsonArray("VerifiableCredential", "BitstringStatusListCredential"),
            ["issuer"] = keys.IssuerId,
            ["validFrom"] = DataIntegrity.Timestamp(now),
            ["credentialSubject"] = new JsonObject
            {
                ["id"] = url + "#list",
                ["type"] = "BitstringStatusList",
                ["statusPurpose"] = "revocation",
                ["encodedList"] = "u" + Base64Url.EncodeToString(Zipped(bits)),
            },
        };
        return Results.Text(CourseCredential.Text(DataIntegrity.Sign(document, signing.Key, signing.VerificationMethod, now)), "application/vc");
    }

    static byte[] Zipped(byte[] bits)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.SmallestSize))
            zip.Write(bits);
        return zipped.ToArray();
    }
}
