namespace EdTech.Contracts;

/// <summary>One page of a list.</summary>
/// <param name="Items">At most the asked number of items.</param>
/// <param name="Next">Opaque cursor of the following page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
