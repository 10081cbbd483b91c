namespace EdTech.Contracts.Analytics;

/// <summary>From an administrator: an anonymous id was merged into an account wrongly (a shared device); its events stop counting as the account's.</summary>
/// <param name="By">Holds <c>analytics.admin</c>.</param>
/// <param name="AccountId">The account.</param>
/// <param name="AnonymousId">The client's id.</param>
public sealed record RevertIdentityMerge(Actor By, Guid AccountId, Guid AnonymousId) : ICommand;

/// <summary>From an administrator: a merge that was reverted holds again.</summary>
/// <param name="By">Holds <c>analytics.admin</c>.</param>
/// <param name="AccountId">The account.</param>
/// <param name="AnonymousId">The client's id.</param>
public sealed record RestoreIdentityMerge(Actor By, Guid AccountId, Guid AnonymousId) : ICommand;
