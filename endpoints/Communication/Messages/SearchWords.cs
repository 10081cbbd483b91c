using System.Globalization;
using System.Text;

namespace EdTech.Communication;

/// <summary>
/// The words by which messages are found: case and diacritics do not count, the first 64 letters of a word do. Scripts that do not set their words
/// apart (Chinese, Japanese, Thai and their kin) are taken letter by letter.
/// </summary>
static class SearchWords
{
    const int MaxLength = 64;

    public static HashSet<string> Of(string? text)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(text))
        {
            return words;
        }

        var word = new StringBuilder();
        foreach (var rune in Folded(text).EnumerateRunes())
        {
            if (StandsAlone(rune))
            {
                End();
                words.Add(rune.ToString());
            }
            else if (!Rune.IsLetterOrDigit(rune))
            {
                End();
            }
            else if (word.Length < MaxLength)
            {
                word.Append(rune.ToString());
            }
        }

        End();
        return words;

        void End()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }

    /// <summary>Whether every wanted word begins one of these.</summary>
    public static bool Fit(IReadOnlyCollection<string> wanted, IReadOnlyCollection<string> words) => wanted.All(w => words.Any(have => have.StartsWith(w, StringComparison.Ordinal)));

    static string Folded(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var rune in WithoutLoneSurrogates(text).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark))
            {
                letters.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        return letters.ToString().Normalize(NormalizationForm.FormKC);
    }

    /// <summary>Half a surrogate pair cannot be normalised.</summary>
    static string WithoutLoneSurrogates(string text) => string.Concat(text.EnumerateRunes().Select(r => r.ToString()));

    static bool StandsAlone(Rune rune) => rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x3040 and <= 0x30FF)
        or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) && Rune.IsLetterOrDigit(rune);
}
