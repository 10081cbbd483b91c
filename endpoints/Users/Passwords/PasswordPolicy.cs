using System.Collections.Frozen;
using System.Text;

namespace EdTech.Users;

/// <summary>
/// Which passwords are refused, by NIST SP 800-63B: the short, the expected and the trivial, never for lack of a digit or a sign.
/// The embedded list was written for this project: words that lists of leaked passwords are known to be full of, compared after undoing the usual
/// disguises. It is not a corpus of breaches; asking a breach service would be a call to another company and is not done here.
/// </summary>
static class PasswordPolicy
{
    public const int MinLength = 10;
    public const int MaxLength = 128;

    static readonly FrozenSet<string> Common = ReadList();
    static readonly string[] Rows = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp"];

    /// <summary>Why the password is refused: a code and a sentence; null when it is not.</summary>
    public static (string Code, string Message)? Fault(string password, string? email, string? displayName)
    {
        var runes = password.EnumerateRunes().Count();
        if (runes < MinLength)
        {
            return ("password.too_short", $"A password has at least {MinLength} characters.");
        }

        if (runes > MaxLength)
        {
            return ("password.too_long", $"A password has at most {MaxLength} characters.");
        }

        var plain = password.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        if (plain.Distinct().Count() < 5 || IsRepetition(plain))
        {
            return ("password.repetitive", "The password repeats itself.");
        }

        if (IsSequence(plain))
        {
            return ("password.sequence", "The password is a row of the keyboard or the alphabet.");
        }

        if (IsCommon(plain))
        {
            return ("password.too_common", "The password is one of those that are tried first.");
        }

        return Expected(email, displayName).Any(word => MostlyIs(plain, word))
            ? ("password.expected", "The password is made of the name, the address or the name of this site.")
            : null;
    }

    static bool IsCommon(string plain)
    {
        var letters = Undisguise(plain);
        return Common.Contains(plain) || Common.Contains(letters) || Common.Contains(plain.Trim("0123456789!?.,*#@$_- ".ToCharArray()))
            || Common.Contains(new string([.. plain.Where(char.IsLetter)]));
    }

    /// <summary>Takes trailing digits and signs off, then undoes "p@ssw0rd".</summary>
    static string Undisguise(string plain)
    {
        var core = plain.TrimEnd("0123456789!?.,*#_- ".ToCharArray());
        return new string([.. core.Select(c => c switch { '@' or '4' => 'a', '0' => 'o', '1' or '!' => 'i', '3' => 'e', '$' or '5' => 's', '7' => 't', _ => c }).Where(char.IsLetter)]);
    }

    static bool IsRepetition(string plain)
    {
        for (var unit = 1; unit <= plain.Length / 2; unit++)
        {
            var at = unit;
            while (at < plain.Length && plain[at] == plain[at % unit])
            {
                at++;
            }

            // "abcdabcda" counts too; a word said twice with something else after it does not.
            if (at == plain.Length && unit <= 5)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Four fifths of its steps go along one row, forwards or backwards.</summary>
    static bool IsSequence(string plain)
    {
        var steps = 0;
        for (var i = 1; i < plain.Length; i++)
        {
            if (Rows.Any(row => Follows(row, plain[i - 1], plain[i])))
            {
                steps++;
            }
        }

        return steps * 5 >= (plain.Length - 1) * 4;
    }

    static bool Follows(string row, char first, char second)
        => row.Contains($"{first}{second}", StringComparison.Ordinal) || row.Contains($"{second}{first}", StringComparison.Ordinal);

    static IEnumerable<string> Expected(string? email, string? displayName)
    {
        yield return "edtech";
        if (email is not null && email.LastIndexOf('@') is > 0 and var at)
        {
            yield return email[..at].ToLowerInvariant();
            yield return email.ToLowerInvariant();
            foreach (var part in email[..at].ToLowerInvariant().Split('.', '-', '_', '+'))
            {
                yield return part;
            }
        }

        foreach (var part in (displayName ?? "").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return part;
        }
    }

    /// <summary>What is left without the word would not be a password of its own.</summary>
    static bool MostlyIs(string plain, string word)
        => word.Length >= 4
            && plain.Contains(word, StringComparison.Ordinal)
            && plain.Replace(word, "", StringComparison.Ordinal).Length < MinLength - 2;

    static FrozenSet<string> ReadList()
    {
        using var stream = typeof(PasswordPolicy).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Where(w => w != "#").ToFrozenSet(StringComparer.Ordinal);
    }
}
