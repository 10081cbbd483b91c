namespace EdTech.Contracts.Users;

/// <summary>The roles that an account can have. What each permits is in the users' schema.</summary>
public static class RoleNames
{
    /// <summary>Everybody, from registration on.</summary>
    public const string Student = "student";

    /// <summary>Teaches.</summary>
    public const string Tutor = "tutor";

    /// <summary>Keeps content in order.</summary>
    public const string Moderator = "moderator";

    /// <summary>Helps people with their accounts.</summary>
    public const string Support = "support";

    /// <summary>May do everything.</summary>
    public const string Admin = "admin";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Student, Tutor, Moderator, Support, Admin];
}
