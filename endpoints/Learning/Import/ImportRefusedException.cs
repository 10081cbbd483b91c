namespace EdTech.Learning;

/// <summary>The archive cannot be imported at all. The code is stable; the sentence names the entry at fault.</summary>
sealed class ImportRefusedException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
