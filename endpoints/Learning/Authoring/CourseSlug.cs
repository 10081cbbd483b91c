using System.Globalization;
using System.Text;

namespace EdTech.Learning;

/// <summary>The readable part of a course's address.</summary>
static class CourseSlug
{
    const int MaxLength = 80;

    /// <summary>Letters and digits of any script in lower case, without accents, joined by hyphens; <c>course</c> where nothing is left.</summary>
    public static string From(string title)
    {
        var slug = new StringBuilder();
        foreach (var c in title.Normalize(NormalizationForm.FormKD))
        {
            if (slug.Length >= MaxLength)
                break;
            if (char.IsLetterOrDigit(c))
                slug.Append(char.ToLowerInvariant(c));
            else if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && c != '\'' && slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        var text = slug.ToString().Trim('-').Normalize(NormalizationForm.FormC);
        return text.Length == 0 ? "course" : text;
    }

    /// <summary>What to try, in order. The last is the course's own, so one of them is free.</summary>
    public static IEnumerable<string> Candidates(string title, Guid courseId)
    {
        var slug = From(title);
        var id = courseId.ToString("N");
        return [slug, $"{slug}-{id[^6..]}", $"{slug}-{id}"];
    }
}
