using System.Security.Cryptography;
using System.Text;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>
/// The pages that mails link to, for people without an app at hand. The token is in the address's fragment, which no server sees; it is used only
/// when the person presses the button, so that a mail scanner that opens the link uses nothing up.
/// </summary>
static class AccountPage
{
    const string Script =
        """
        const form = document.querySelector('form'), outcome = document.querySelector('[role=status]');
        const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
        history.replaceState(null, '', location.pathname);
        form.addEventListener('submit', async submitted => {
          submitted.preventDefault();
          const body = Object.assign({ token }, Object.fromEntries(new FormData(form)));
          try {
            const answer = await fetch(form.dataset.operation, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
            const told = await answer.json();
            outcome.textContent = answer.ok ? form.dataset.done : (told.errors ?? []).map(e => e.reason).join(' ') || told.detail;
            form.hidden = answer.ok;
          } catch {
            outcome.textContent = 'The platform cannot be reached. Try again.';
          }
        });
        """;

    static readonly string Policy = $"default-src 'none'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)))}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static Task WriteAsync(HttpContext http, string title, string operation, string fields, string button, string done, CancellationToken ct)
    {
        http.MarkResponseStart();
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy = Policy;
        return http.Response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title} - EdTech</title></head>
            <body>
            <main>
            <h1>{title}</h1>
            <form data-operation="{operation}" data-done="{done}">{fields}<button>{button}</button></form>
            <p role="status"></p>
            <noscript><p>This page needs JavaScript. The mail also holds the token for the API.</p></noscript>
            </main>
            <script>{Script}</script>
            </body>
            </html>
            """,
            ct);
    }
}
