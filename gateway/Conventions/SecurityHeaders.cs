namespace EdTech.Gateway;

/// <summary>Headers by which a browser is kept from doing with our answers what nobody meant.</summary>
sealed class SecurityHeaders(RequestDelegate next)
{
    const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>The browsable reference runs its own script and styles, and calls this very gateway.</summary>
    const string Reference = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext http)
    {
        http.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/scalar", StringComparison.OrdinalIgnoreCase) ? Reference : Nothing;

            // Whoever is signed in gets answers of his own, and a write's answer may hold tokens.
            if (context.Request.Headers.Authorization.Count > 0 || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
                headers.CacheControl = "no-store";
            else if (headers.CacheControl.Count == 0)
                headers.CacheControl = "no-cache";
            return Task.CompletedTask;
        }, http);
        return next(http);
    }
}
