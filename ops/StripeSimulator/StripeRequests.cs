using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace EdTech.StripeSimulator;

/// <summary>What every request under /v1 goes through: key, idempotency, faults on demand, the lock, the journal, Stripe's headers.</summary>
sealed class StripeRequests(WebApplication app)
{
    public const string Version = "2026-10-28.endive";
    static readonly FrozenSet<string> Anywhere = new[] { "expand", "client_secret", "key" }.ToFrozenSet();
    readonly Simulation _simulation = app.Services.GetRequiredService<Simulation>();
    readonly RequestFaults _faults = app.Services.GetRequiredService<RequestFaults>();
    readonly HashSet<string> _inUse = [];

    /// <summary>A route. Parameters that are not named in <paramref name="parameters"/> are refused, as Stripe refuses unknown ones.</summary>
    public void On(string method, string path, Func<StripeCall, byte[]> handler, string parameters = "", bool publishable = false)
    {
        var known = parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Concat(Anywhere).ToFrozenSet();
        app.MapMethods(path, [method], http => Serve(http, handler, known, publishable));
    }

    public void AnswerTheRest() => app.MapFallback(http => Serve(
        http,
        _ => throw new StripeError(404, "invalid_request_error", null, $"Unrecognized request URL ({http.Request.Method}: {http.Request.Path}). The simulator does not have this operation."),
        null,
        publishable: true));

    async Task Serve(HttpContext http, Func<StripeCall, byte[]> handler, FrozenSet<string>? known, bool publishable)
    {
        var requestId = StripeObject.NewId("req_")[..18];
        var headers = http.Response.Headers;
        headers["Request-Id"] = requestId;
        headers["Stripe-Version"] = http.Request.Headers["Stripe-Version"] is [{ Length: > 0 } version] ? version : Version;

        var fault = _faults.Next(http.Request.Method, http.Request.Path);
        if (fault is { Kind: FaultKind.TimeoutBeforeEffect })
        {
            http.Abort();
            return;
        }

        string text;
        using (var reader = new StreamReader(http.Request.Body, Encoding.UTF8))
        {
            text = HttpMethods.IsPost(http.Request.Method) ? await reader.ReadToEndAsync(http.RequestAborted) : http.Request.QueryString.Value?.TrimStart('?') ?? "";
        }

        var (status, body, replayed) = fault switch
        {
            { Kind: FaultKind.InternalError } => (500, new StripeError(500, "api_error", null, "An error occurred with our connection to Stripe (a fault on demand).").Body(requestId), false),
            { Kind: FaultKind.RateLimited } => (429, new StripeError(429, "invalid_request_error", "rate_limit", "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.").Body(requestId), false),
            _ => await Answer(http, handler, known, publishable, text, requestId, fault),
        };

        if (fault is { Kind: FaultKind.TimeoutAfterEffect })
        {
            http.Abort();
            return;
        }

        if (fault is { Kind: FaultKind.InternalErrorAfterEffect })
        {
            (status, body, replayed) = (500, new StripeError(500, "api_error", null, "An error occurred after the effect (a fault on demand).").Body(requestId), false);
        }

        if (replayed)
        {
            headers["Idempotent-Replayed"] = "true";
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    async Task<(int Status, byte[] Body, bool Replayed)> Answer(
        HttpContext http, Func<StripeCall, byte[]> handler, FrozenSet<string>? known, bool publishable, string text, string requestId, Fault? fault)
    {
        string? inUse = null;
        try
        {
            var form = FormParameters.Parse(text);
            form.RejectCardNumbers();
            var browser = Authenticate(http, form, publishable);
            if (known is not null)
            {
                form.RejectUnknown(known);
            }

            var account = http.Request.Headers["Stripe-Account"] is [{ Length: > 0 } id] ? id : null;
            var idempotencyKey = HttpMethods.IsPost(http.Request.Method) && http.Request.Headers["Idempotency-Key"] is [{ Length: > 0 } key] ? key : null;
            if (idempotencyKey?.Length > 255)
            {
                throw new StripeError(400, "idempotency_error", null, "Idempotency keys may be up to 255 characters long.");
            }

            if (idempotencyKey is not null)
            {
                http.Response.Headers["Idempotency-Key"] = idempotencyKey;
                var scoped = $"{account}/{idempotencyKey}";
                lock (_inUse)
                {
                    if (!_inUse.Add(scoped))
                    {
                        throw new StripeError(409, "idempotency_error", "idempotency_key_in_use",
                            $"There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): {idempotencyKey}. Please try again later.");
                    }
                }

                inUse = scoped;
            }

            if (fault is { Kind: FaultKind.Delay })
            {
                await Task.Delay(fault.Milliseconds, http.RequestAborted);
            }

            lock (_simulation.Gate)
            {
                return Run(http, handler, form, account, inUse, idempotencyKey, browser, requestId);
            }
        }
        catch (StripeError error)
        {
            return (error.Status, error.Body(requestId), false);
        }
        finally
        {
            if (inUse is not null)
            {
                lock (_inUse)
                {
                    _inUse.Remove(inUse);
                }
            }
        }
    }

    (int Status, byte[] Body, bool Replayed) Run(
        HttpContext http, Func<StripeCall, byte[]> handler, FormParameters form, string? account, string? scopedKey, string? idempotencyKey, bool browser, string requestId)
    {
        var fingerprint = scopedKey is null ? "" : form.Fingerprint(http.Request.Method, http.Request.Path);
        if (scopedKey is not null && _simulation.AnswerTo(scopedKey) is { } earlier)
        {
            return earlier.Fingerprint == fingerprint
                ? (earlier.Status, earlier.Body, true)
                : throw new StripeError(400, "idempotency_error", null,
                    $"Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{idempotencyKey}' if you meant to execute a different request.");
        }

        _simulation.Request = (requestId, idempotencyKey);
        var status = 200;
        byte[] body;
        var keep = true;
        try
        {
            CheckAccount(account);
            body = handler(new StripeCall(_simulation, http, form, account, browser));
        }
        catch (StripeError error)
        {
            (status, body, keep) = (error.Status, error.Body(requestId), error.Kept);
        }
        finally
        {
            _simulation.Request = null;
        }

        _simulation.Commit(keep && scopedKey is not null ? new KeptAnswer(scopedKey, fingerprint, status, body, _simulation.Now) : null);
        return (status, body, false);
    }

    void CheckAccount(string? account)
    {
        if (account is not null && Accounts.Find(_simulation, account) is null)
        {
            throw new StripeError(403, "invalid_request_error", "account_invalid",
                $"The provided key '{Shown(_simulation.Settings.SecretKey)}' does not have access to account '{account}' (or that account does not exist). Application access may have been revoked.");
        }
    }

    /// <summary>Answers whether the caller is a browser: it has the publishable key and may only touch what it holds a client secret for.</summary>
    bool Authenticate(HttpContext http, FormParameters form, bool publishable)
    {
        var header = http.Request.Headers.Authorization is [{ } given] ? given : "";
        var key = form.Text("key") ?? "";
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            key = header[7..].Trim();
        }
        else if (header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            var buffer = new byte[header.Length];
            key = Convert.TryFromBase64String(header[6..].Trim(), buffer, out var length) ? Encoding.UTF8.GetString(buffer, 0, length).Split(':')[0] : "";
        }

        if (key.Length == 0)
        {
            throw new StripeError(401, "invalid_request_error", null,
                "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
        }

        if (key == _simulation.Settings.SecretKey)
        {
            return false;
        }

        if (key != _simulation.Settings.PublishableKey)
        {
            throw new StripeError(401, "invalid_request_error", null, $"Invalid API Key provided: {Shown(key)}");
        }

        return publishable
            ? true
            : throw new StripeError(403, "invalid_request_error", "secret_key_required", "This API call cannot be made with a publishable API key. Please use a secret API key.");
    }

    static string Shown(string key) => key.Length <= 12 ? "****" : $"{key[..8]}****{key[^4..]}";
}

/// <summary>One request, inside the lock.</summary>
sealed class StripeCall(Simulation simulation, HttpContext http, FormParameters form, string? account, bool browser)
{
    public Simulation Simulation => simulation;
    public FormParameters Form => form;

    /// <summary>The connected account on whose behalf it is made; null is the platform.</summary>
    public string? Account => account;

    /// <summary>Made with the publishable key.</summary>
    public bool Browser => browser;

    public string Path(string name) => (string)http.Request.RouteValues[name]!;

    public byte[] Ok(StripeObject answer)
    {
        var expand = form.List("expand");
        return expand.Count == 0
            ? JsonSerializer.SerializeToUtf8Bytes(answer, SimulatorJson.OnTheWire(answer.GetType()))
            : Expansion.Render(simulation, answer, expand);
    }

    /// <summary>Objects that live in no table.</summary>
    public static byte[] Plain<T>(T answer) where T : notnull => JsonSerializer.SerializeToUtf8Bytes(answer, SimulatorJson.OnTheWire(typeof(T)));

    /// <summary>A page of a list, newest first, by Stripe's cursors.</summary>
    public byte[] Page<T>(List<T> candidates, Func<T, bool>? matches = null, Action<Utf8JsonWriter, T>? write = null) where T : StripeObject
    {
        var limit = form.Number("limit") ?? 10;
        if (limit is < 1 or > 100)
        {
            throw StripeError.Invalid(limit < 1 ? "This value must be greater than or equal to 1." : "This value must be less than or equal to 100.", "limit", "parameter_invalid_integer");
        }

        var (after, before) = (form.Text("starting_after"), form.Text("ending_before"));
        if (after is not null && before is not null)
        {
            throw StripeError.Invalid("You can only specify one of these parameters: starting_after, ending_before.");
        }

        var created = CreatedFilter();
        bool Wanted(T entry) => entry.Owner == account && (matches is null || matches(entry)) && (created is null || (entry is IDated dated && created(dated.Created)));

        var page = new List<T>((int)limit);
        var more = false;
        if (before is not null)
        {
            // The page that ends just before the cursor: walk towards the newer ones, then turn it round.
            for (var i = IndexAfter(candidates, Cursor(before, "ending_before")); i < candidates.Count && !more; i++)
            {
                Take(candidates[i]);
            }

            page.Reverse();
        }
        else
        {
            var newest = after is null ? candidates.Count - 1 : IndexAfter(candidates, Cursor(after, "starting_after") - 1) - 1;
            for (var i = newest; i >= 0 && !more; i--)
            {
                Take(candidates[i]);
            }
        }

        return Listing(page, more, write);

        void Take(T entry)
        {
            if (Wanted(entry))
            {
                if (page.Count == limit)
                {
                    more = true;
                }
                else
                {
                    page.Add(entry);
                }
            }
        }
    }

    byte[] Listing<T>(List<T> page, bool more, Action<Utf8JsonWriter, T>? write) where T : StripeObject
    {
        var expand = form.List("expand").ConvertAll(path => path.StartsWith("data.", StringComparison.Ordinal)
            ? path[5..]
            : throw StripeError.Invalid($"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead.", "expand"));
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = SimulatorJson.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (var entry in page)
            {
                if (write is not null)
                {
                    write(json, entry);
                }
                else if (expand.Count > 0)
                {
                    json.WriteRawValue(Expansion.Render(simulation, entry, expand), skipInputValidation: true);
                }
                else
                {
                    JsonSerializer.Serialize(json, entry, SimulatorJson.OnTheWire(typeof(T)));
                }
            }

            json.WriteEndArray();
            json.WriteBoolean("has_more", more);
            json.WriteString("url", http.Request.Path.Value);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    long Cursor(string id, string param)
        => (id.StartsWith("evt_", StringComparison.Ordinal) ? simulation.Events.Find(id) : simulation.Find(id)) is { } found && found.Owner == account
            ? found.Sequence
            : throw StripeError.NoSuch("object", id, param);

    /// <summary>The index of the first entry with a later sequence.</summary>
    static int IndexAfter<T>(List<T> entries, long sequence) where T : StripeObject
    {
        var (low, high) = (0, entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (entries[middle].Sequence > sequence)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    Func<long, bool>? CreatedFilter()
    {
        if (!form.Has("created"))
        {
            return null;
        }

        var (exact, gt, gte, lt, lte) = (form.Number("created"), form.Number("created[gt]"), form.Number("created[gte]"), form.Number("created[lt]"), form.Number("created[lte]"));
        return at => (exact is null || at == exact) && (gt is null || at > gt) && (gte is null || at >= gte) && (lt is null || at < lt) && (lte is null || at <= lte);
    }
}
