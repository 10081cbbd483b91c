namespace EdTech.Contracts.Users;

/// <summary>Somebody asked for an account. The address is not verified yet, so the account cannot be used.</summary>
/// <param name="AccountId">The new account.</param>
/// <param name="At">When.</param>
public sealed record AccountRegistered(Guid AccountId, DateTimeOffset At) : IEvent;

/// <summary>The account's e-mail address belongs to the person: the account can be used.</summary>
/// <param name="AccountId">Which account.</param>
/// <param name="At">When.</param>
public sealed record EmailVerified(Guid AccountId, DateTimeOffset At) : IEvent;

/// <summary>Profile or preferences changed. Who needs them asks for them.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="Version">The profile's version now; events may arrive out of order.</param>
/// <param name="At">When.</param>
public sealed record ProfileUpdated(Guid AccountId, long Version, DateTimeOffset At) : IEvent;

/// <summary>An account has a role that it had not. Access tokens show it from their next refresh on.</summary>
/// <param name="AccountId">Which account.</param>
/// <param name="Role">One of <see cref="RoleNames"/>.</param>
/// <param name="At">When.</param>
public sealed record RoleGranted(Guid AccountId, string Role, DateTimeOffset At) : IEvent;

/// <summary>An account lost a role. Access tokens issued before still carry its permissions, for at most ten minutes.</summary>
/// <param name="AccountId">Which account.</param>
/// <param name="Role">One of <see cref="RoleNames"/>.</param>
/// <param name="At">When.</param>
public sealed record RoleRevoked(Guid AccountId, string Role, DateTimeOffset At) : IEvent;

/// <summary>Nobody may act for this account any more; a <see cref="SessionRevoked"/> follows for each of its sessions.</summary>
/// <param name="AccountId">Which account.</param>
/// <param name="At">When.</param>
public sealed record AccountSuspended(Guid AccountId, DateTimeOffset At) : IEvent;

/// <summary>The account may be used again. Its former sessions stay revoked.</summary>
/// <param name="AccountId">Which account.</param>
/// <param name="At">When.</param>
public sealed record AccountReinstated(Guid AccountId, DateTimeOffset At) : IEvent;

/// <summary>A session ended before its time. Access tokens with this <c>sid</c> are to be refused from now on; the last of them dies ten minutes later.</summary>
/// <param name="SessionId">The token's <c>sid</c>.</param>
/// <param name="AccountId">Whose session.</param>
/// <param name="At">When.</param>
public sealed record SessionRevoked(Guid SessionId, Guid AccountId, DateTimeOffset At) : IEvent;
