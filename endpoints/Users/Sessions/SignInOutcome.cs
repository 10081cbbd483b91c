using EdTech.Contracts;
using EdTech.Contracts.Users;
using Microsoft.AspNetCore.Http;

namespace EdTech.Users;

/// <summary>What came of signing in once the first proof was right.</summary>
readonly record struct SignInOutcome(SessionTokens? Tokens, int Status, Refused? Refusal, bool WrongCode = false)
{
    public static SignInOutcome SignedIn(SessionTokens tokens) => new(tokens, StatusCodes.Status200OK, null);

    public static SignInOutcome Refused401(string code, string message, bool wrongCode = false)
        => new(null, StatusCodes.Status401Unauthorized, new Refused(RefusalKind.Forbidden, code, message), wrongCode);

    public static SignInOutcome Refused403(string code, string message) => new(null, StatusCodes.Status403Forbidden, new Refused(RefusalKind.Forbidden, code, message));

    public static SignInOutcome Refused409(string code, string message) => new(null, StatusCodes.Status409Conflict, new Refused(RefusalKind.Conflict, code, message));

    public IResult Answer() => Refusal is { } refusal ? Results.Json(refusal, statusCode: Status) : Results.Json(Tokens);
}
