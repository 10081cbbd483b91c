namespace EdTech.Contracts.Users;

/// <summary>From the person: replaces profile and preferences.</summary>
/// <param name="By">Whose profile it is.</param>
/// <param name="Profile">All of it; what is left out is cleared.</param>
/// <param name="ExpectedVersion">The version the person has seen; null to overwrite whatever is there.</param>
public sealed record UpdateProfile(Actor By, ProfileDetails Profile, long? ExpectedVersion) : ICommand;

/// <summary>From the person: teach on the platform. Open to everybody; access tokens carry the new permissions from the next refresh on.</summary>
/// <param name="By">Who becomes a tutor.</param>
public sealed record BecomeTutor(Actor By) : ICommand;

/// <summary>From an administrator: give an account a role. Granting what it has already changes nothing.</summary>
/// <param name="By">Needs <c>roles.grant</c>.</param>
/// <param name="AccountId">Who gets it.</param>
/// <param name="Role">One of <see cref="RoleNames"/>.</param>
public sealed record GrantRole(Actor By, Guid AccountId, string Role) : ICommand;

/// <summary>From an administrator: take a role away. The last administrator's role and the role student stay.</summary>
/// <param name="By">Needs <c>roles.grant</c>.</param>
/// <param name="AccountId">Who loses it.</param>
/// <param name="Role">One of <see cref="RoleNames"/>.</param>
public sealed record RevokeRole(Actor By, Guid AccountId, string Role) : ICommand;

/// <summary>From support: nobody can sign in to the account any more, and all its sessions end.</summary>
/// <param name="By">Needs <c>accounts.suspend</c>; to suspend an administrator, <c>roles.grant</c> too. Never oneself.</param>
/// <param name="AccountId">Which account.</param>
/// <param name="Reason">For the audit trail, at most 500 characters.</param>
public sealed record SuspendAccount(Actor By, Guid AccountId, string Reason) : ICommand;

/// <summary>From support: ends a suspension. The person signs in anew.</summary>
/// <param name="By">Needs <c>accounts.suspend</c>.</param>
/// <param name="AccountId">Which account.</param>
public sealed record ReinstateAccount(Actor By, Guid AccountId) : ICommand;

/// <summary>From the person: signs one of the own sessions out.</summary>
/// <param name="By">Whose session it is.</param>
/// <param name="SessionId">Which one.</param>
public sealed record RevokeSession(Actor By, Guid SessionId) : ICommand;

/// <summary>From the person: signs out everywhere but here.</summary>
/// <param name="By">Whose sessions.</param>
/// <param name="CurrentSessionId">The one that stays.</param>
public sealed record RevokeOtherSessions(Actor By, Guid CurrentSessionId) : ICommand;

/// <summary>From the person: no longer sign in with this provider. Refused for the last way in.</summary>
/// <param name="By">Whose login it is.</param>
/// <param name="Provider">Which provider.</param>
public sealed record UnlinkSocialLogin(Actor By, SocialProvider Provider) : ICommand;

/// <summary>From an administrator: publishes a new signing key at once and signs with it a while later, when all who check tokens know it.</summary>
/// <param name="By">Needs <c>keys.rotate</c>.</param>
public sealed record RotateSigningKeys(Actor By) : ICommand;
