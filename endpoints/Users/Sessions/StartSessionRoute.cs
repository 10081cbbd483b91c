using Dapper;
using EdTech.Contracts.Users;
using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace EdTech.Users;

/// <summary>Sign-in. Until the password is right, an unknown address, a voided account and a wrong password are one and the same.</summary>
static class StartSessionRoute
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/internal/users/sessions", Handle);

    static async Task<IResult> Handle(
        StartSession request, HttpContext http, NpgsqlDataSource db, ITransactionalSession session, PasswordHasher hasher, SignInThrottle throttle, SessionStart start, CancellationToken ct)
    {
        var address = http.ClientAddress();
        var email = EmailAddress.Normalise(request.Email) ?? "";
        var wait = await throttle.Attempt(email, address, ct);
        if (wait > TimeSpan.Zero)
        {
            return CredentialRoute.TooMany(http, "sign_in.too_many", "Too many attempts for now. Wait as long as Retry-After says.", wait);
        }

        var known = await Load(db, email, ct);
        if (!await hasher.Verify(request.Password, known?.PasswordHash, ct))
        {
            await throttle.Failed(address, ct);
            return CredentialRoute.Unauthorized("session.wrong_credentials", "The address or the password is wrong.");
        }

        var better = PasswordHasher.IsOutdated(known!.PasswordHash) ? await hasher.Hash(request.Password, ct) : null;
        var outcome = default(SignInOutcome);
        await session.Run(async context => outcome = await SignIn(context, http, start, known, better, request), ct);
        if (outcome is { WrongCode: true })
        {
            // Guesses at the code stay counted, for the account and for the address.
            await throttle.Failed(address, ct);
        }
        else
        {
            await throttle.Succeeded(email, ct);
        }

        return outcome.Answer();
    }

    static async Task<SignInOutcome> SignIn(IMessageHandlerContext context, HttpContext http, SessionStart start, Known known, string? betterHash, StartSession request)
    {
        // As it was when the password was compared: a reset in between wins.
        var unchanged = await context.Db.ExecuteScalarAsync<bool>(
            """
            SELECT true
            FROM users.account
            WHERE account_id = @AccountId AND password_hash = @PasswordHash
            FOR NO KEY UPDATE
            """,
            known);
        if (!unchanged)
        {
            return SignInOutcome.Refused401("session.wrong_credentials", "The address or the password is wrong.");
        }

        if (betterHash is not null)
        {
            await context.Db.ExecuteAsync("UPDATE users.account SET password_hash = @betterHash WHERE account_id = @AccountId", new { betterHash, known.AccountId });
        }

        return await start.BeginIfAllowed(context, http, known.AccountId, request.Code, request.Device, "pwd");
    }

    static async Task<Known?> Load(NpgsqlDataSource db, string email, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<Known>(new CommandDefinition(
            """
            SELECT account_id, password_hash
            FROM users.account
            WHERE email_normalised = @email AND password_hash IS NOT NULL
            """,
            new { email },
            cancellationToken: ct));
    }

    sealed record Known
    {
        public Guid AccountId { get; init; }

        public string PasswordHash { get; init; } = "";
    }
}
