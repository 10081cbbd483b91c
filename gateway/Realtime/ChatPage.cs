using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace EdTech.Gateway;

/// <summary><c>/chat/</c>: the page by which a browser uses conversations. Its files lie in the assembly, so that it is there wherever the gateway runs.</summary>
static class ChatPage
{
    const string Prefix = "wwwroot/chat/";

    /// <summary>Only its own files and this gateway; no script or style in the page itself.</summary>
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    static readonly FrozenDictionary<string, PageFile> Files = typeof(ChatPage).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(Read).ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    public static void MapChatPage(this IEndpointRouteBuilder app)
        => app.MapMethods("/chat/{file?}", [HttpMethods.Get, HttpMethods.Head], Write).ExcludeFromDescription();

    static IResult Write(string? file, HttpContext http)
    {
        // Its links are relative, so the address must end in a slash.
        if (file is null && !http.Request.Path.Value!.EndsWith('/')) return Results.LocalRedirect("~/chat/", permanent: true);
        if (!Files.TryGetValue(file ?? "index.html", out var found)) return Results.NotFound();
        http.Response.Headers.ContentSecurityPolicy = Policy;
        // A name with a version never changes its content; the rest is asked for again, and not sent again when it is the same.
        http.Response.Headers.CacheControl = found.Name.StartsWith("signalr-1", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "public, no-cache";
        return Results.Bytes(found.Content, found.MediaType, entityTag: found.Tag);
    }

    static PageFile Read(string resource)
    {
        using var stream = typeof(ChatPage).Assembly.GetManifestResourceStream(resource)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        var mediaType = Path.GetExtension(resource) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        };
        return new(resource[Prefix.Length..], mediaType, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\""), content);
    }

    sealed record PageFile(string Name, string MediaType, EntityTagHeaderValue Tag, byte[] Content);
}
