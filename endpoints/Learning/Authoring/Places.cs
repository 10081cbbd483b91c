namespace EdTech.Learning;

/// <summary>Positions in an outline.</summary>
static class Places
{
    /// <summary>What lies outside means the nearest end; null the last.</summary>
    public static int Within(int? position, int count) => Math.Clamp(position ?? count, 0, count);
}
