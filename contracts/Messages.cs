namespace EdTech.Contracts;

/// <summary>An order to one endpoint. Exactly one handler carries it out.</summary>
public interface ICommand;

/// <summary>Something that happened. Whoever cares subscribes.</summary>
public interface IEvent;

/// <summary>Who asks: the account, and the permissions of its access token at that moment.</summary>
/// <param name="Id">The account's id; <see cref="Guid.Empty"/> for an anonymous caller.</param>
/// <param name="Permissions">Permission names such as <c>courses.publish</c>.</param>
public sealed record Actor(Guid Id, IReadOnlyList<string> Permissions)
{
    /// <summary>A caller without a token.</summary>
    public static Actor Anonymous { get; } = new(Guid.Empty, []);

    /// <summary>Whether the caller holds this permission.</summary>
    public bool May(string permission) => Permissions.Contains(permission, StringComparer.Ordinal);
}

/// <summary>The reply to a command that took effect.</summary>
/// <param name="Id">What was created or changed.</param>
/// <param name="Version">Its version afterwards, for <c>If-Match</c>; 0 where there is none.</param>
public sealed record Done(Guid Id, long Version = 0);

/// <summary>Why a command was refused, which decides the HTTP status at the edge.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(CamelCaseEnum<RefusalKind>))]
public enum RefusalKind
{
    /// <summary>The thing does not exist, or the caller may not know that it does (404).</summary>
    NotFound,

    /// <summary>It exists and the caller may see it, but not do this (403).</summary>
    Forbidden,

    /// <summary>Its present state does not allow this (409).</summary>
    Conflict,

    /// <summary>The content breaks a rule of the domain (422).</summary>
    Invalid,

    /// <summary>It was changed since the caller read it (412).</summary>
    Stale,
}

/// <summary>The reply to a command that was refused. Nothing was changed.</summary>
/// <param name="Kind">What sort of refusal it is.</param>
/// <param name="Code">Stable and machine-readable, <c>thing.what_is_wrong</c>: <c>course.not_published</c>.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Details">More, by name; a field's name where one field is at fault.</param>
public sealed record Refused(RefusalKind Kind, string Code, string Message, IReadOnlyDictionary<string, string>? Details = null);
