using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdTech.Contracts.Learning;

namespace EdTech.Learning;

/// <summary>A problem that is not one of the platform's kinds of question.</summary>
sealed class NotAQuestionException(string code, string reason) : Exception(reason)
{
    public string Code { get; } = code;
}

/// <summary>
/// A problem component as quiz questions: one for each thing to be answered. All of a problem is imported or nothing of it: half a problem
/// would be another problem.
/// </summary>
sealed partial class OlxProblem
{
    const int MaxQuestions = 100;

    static readonly HashSet<string> Supported = new(StringComparer.Ordinal) { "multiplechoiceresponse", "choiceresponse", "optionresponse", "numericalresponse", "stringresponse" };

    static readonly Dictionary<string, string> Unsupported = new(StringComparer.Ordinal)
    {
        ["customresponse"] = "is graded by a program of the course's author",
        ["symbolicresponse"] = "is graded by comparing formulas",
        ["formularesponse"] = "is graded by comparing formulas",
        ["imageresponse"] = "asks for a place in a picture",
        ["schematicresponse"] = "asks for an electric circuit",
        ["annotationresponse"] = "belongs to an annotated text",
        ["choicetextresponse"] = "asks for text within a choice",
        ["coderesponse"] = "is graded by an outside program",
        ["externalresponse"] = "is graded by an outside program",
        ["javascriptresponse"] = "is graded by a script",
        ["jsmeresponse"] = "asks for a drawn molecule",
        ["truefalseresponse"] = "is a kind of question that is out of use",
    };

    // What the problem's own language puts between text and answer.
    static readonly HashSet<string> Fields = new(StringComparer.Ordinal)
    {
        "textline", "formulaequationinput", "choicegroup", "checkboxgroup", "radiogroup", "optioninput", "responseparam", "additional_answer", "stringequalhint",
        "correcthint", "solution", "demandhint", "label", "description", "script", "style", "startouttext", "endouttext", "compoundhint", "regexphint", "hintgroup", "targetedfeedbackset", "targetedfeedback",
    };

    readonly Func<Guid> _newId;
    readonly List<Question> _questions = [];
    readonly List<(string Code, string Message)> _losses;

    OlxProblem(Func<Guid> newId, List<(string, string)> losses)
    {
        _newId = newId;
        _losses = losses;
    }

    /// <returns>The questions, their HTML as it came.</returns>
    /// <exception cref="NotAQuestionException">It cannot be imported; the message says why.</exception>
    public static IReadOnlyList<Question> Read(XElement problem, Func<Guid> newId, List<(string Code, string Message)> losses)
    {
        var reader = new OlxProblem(newId, losses);
        reader.ReadProblem(problem);
        return reader._questions;
    }

    void ReadProblem(XElement problem)
    {
        var responses = problem.Descendants().Where(e => e.Name().EndsWith("response", StringComparison.Ordinal)).ToList();
        if (responses.Count == 0)
        {
            throw problem.Said("markdown") is not null
                ? new NotAQuestionException("problem.markdown_only", "It is written in markdown only, without the XML that Studio makes of it.")
                : new NotAQuestionException("problem.nothing_to_answer", "It holds nothing to answer.");
        }

        if (responses.FirstOrDefault(r => !Supported.Contains(r.Name())) is { } foreign)
        {
            var how = Unsupported.GetValueOrDefault(foreign.Name(), "is of a kind that the platform does not know");
            throw new NotAQuestionException("problem.unsupported_response", foreign.Descendants("jsinput").Any()
                ? "Its answer ('jsinput') is given in a page with a script of the course's author."
                : $"Its answer ('{ArchiveReader.Shown(foreign.Name())}') {how}.");
        }

        var scripts = problem.Descendants("script").Where(s => !string.IsNullOrWhiteSpace(s.Value)).ToList();
        if (scripts.Count > 0)
        {
            var variables = Assigned().Matches(string.Concat(scripts.Select(s => s.Value + "\n"))).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
            var texts = problem.DescendantNodes().OfType<XText>().Where(t => t.Parent is { } p && !p.Is("script")).Select(t => t.Value)
                .Concat(problem.DescendantsAndSelf().Where(e => !e.Is("problem")).Attributes().Select(a => a.Value));
            if (texts.SelectMany(t => Used().Matches(t)).Any(m => variables.Contains(m.Groups["name"].Value)))
                throw new NotAQuestionException("problem.random_variables", "Its text and answer are computed by a script, differently for each learner.");
            _losses.Add(("problem.script_removed", "Its script was left out; nothing in the question uses it."));
        }

        List<XNode> before = [];
        ReadNodes(problem.Nodes(), before);
        if (before.Any(IsText) && _questions.Count > 0)
        {
            var last = _questions[^1];
            _questions[^1] = last with { PromptHtml = last.PromptHtml + OlxXml.ToHtml(before) };
        }

        Share(problem);
    }

    void ReadNodes(IEnumerable<XNode> nodes, List<XNode> before)
    {
        foreach (var node in nodes)
        {
            if (node is not XElement element)
            {
                before.Add(node);
            }
            else if (Supported.Contains(element.Name()))
            {
                ReadResponse(element, OlxXml.ToHtml(before));
                before.Clear();
            }
            else if (element.Descendants().Count(e => Supported.Contains(e.Name())) is var inner && inner == 0)
            {
                before.AddRange(Prompt([element]));
            }
            else if (element.Is("text", "center", "div", "span", "section") && inner == element.Elements().Count(e => Supported.Contains(e.Name())))
            {
                ReadNodes(element.Nodes(), before);
            }
            else
            {
                // Answers within a table or a sentence: each question shows the place that it asks about.
                var introduction = OlxXml.ToHtml(before);
                before.Clear();
                foreach (var response in element.Descendants().Where(e => Supported.Contains(e.Name())).ToList()) ReadResponse(response, introduction + OlxXml.ToHtml(Around(element, response)));
            }
        }
    }

    /// <summary>The element with a gap where this response stands, and of a table only the head and the response's row.</summary>
    static IEnumerable<XNode> Around(XElement element, XElement response)
    {
        const string Marked = "the-response";
        response.SetAttributeValue(Marked, "1");
        var copy = new XElement(element);
        response.SetAttributeValue(Marked, null);

        var place = copy.Descendants().First(e => e.Attribute(Marked) is not null);
        foreach (var row in place.Ancestors("tr").ToList())
        {
            foreach (var other in row.Parent!.Elements("tr").Where(r => r != row && r.Descendants().Any(d => Supported.Contains(d.Name()))).ToList()) other.Remove();
        }

        foreach (var other in copy.Descendants().Where(e => e != place && Supported.Contains(e.Name())).ToList()) other.ReplaceWith(new XText("…"));
        place.ReplaceWith(new XElement("strong", "[ ? ]"));
        return Prompt([copy]);
    }

    void ReadResponse(XElement response, string introduction)
    {
        var questions = _questions.Count;
        switch (response.Name())
        {
            case "multiplechoiceresponse":
                Add(SingleChoice(response));
                break;
            case "choiceresponse":
                Add(SeveralChoices(response));
                break;
            case "optionresponse":
                Dropdowns(response);
                break;
            case "numericalresponse":
                Add(Number(response));
                break;
            default:
                Add(Words(response));
                break;
        }

        for (var i = questions; i < _questions.Count; i++)
        {
            var question = _questions[i];
            var prompt = introduction + (question.PromptHtml.Length > 0 ? question.PromptHtml : OlxXml.ToHtml(Prompt(response.Nodes())));
            if (OlxHtml.TextOf(prompt).Length == 0 && !prompt.Contains("<img", StringComparison.Ordinal)) prompt = $"<p>{FieldLabel(response)}</p>";
            _questions[i] = question with { PromptHtml = prompt, ExplanationHtml = question.ExplanationHtml + Solutions(response) + ResponseHints(response) };
        }
    }

    void Add(Question question)
    {
        if (_questions.Count == MaxQuestions) throw new NotAQuestionException("problem.too_many_questions", $"It asks for more than {MaxQuestions} answers.");
        _questions.Add(question);
    }

    Question SingleChoice(XElement response)
    {
        var group = response.Element("choicegroup") ?? response.Element("radiogroup") ?? throw Wrong("has no choices");
        var choices = Choices(group.Elements("choice"), c => IsTrue(c.Said("correct")));
        if (group.Elements("choice").Any(c => string.Equals(c.Said("correct"), "partial", StringComparison.OrdinalIgnoreCase)))
            _losses.Add(("problem.partial_choice", "A choice that was worth part of the points counts as wrong."));
        if (group.Said("shuffle") is not null || group.Elements("choice").Any(c => c.Said("fixed") is not null)) _losses.Add(("problem.shuffle_ignored", "Its choices were shuffled; now they are shown as they are written."));
        if (response.Said("targeted-feedback") is not null || group.Said("answer-pool") is not null) _losses.Add(("problem.pool_ignored", "It drew its choices from a pool; now all of them are shown."));
        return choices.Count(c => c.Correct) switch
        {
            1 => New(QuestionKind.Single, choices),
            0 => throw new NotAQuestionException("problem.no_right_answer", "None of its choices is right."),
            _ => throw new NotAQuestionException("problem.several_right_answers", "Any of several choices is right, of which one is to be chosen."),
        };
    }

    Question SeveralChoices(XElement response)
    {
        var group = response.Element("checkboxgroup") ?? throw Wrong("has no choices");
        var choices = Choices(group.Elements("choice"), c => IsTrue(c.Said("correct")));
        if (!choices.Any(c => c.Correct)) throw new NotAQuestionException("problem.no_right_answer", "None of its choices is right.");

        // Feedback for what was not chosen has no place at the choice; it is part of the explanation.
        var unchosen = group.Elements("choice")
            .SelectMany(c => c.Elements("choicehint").Where(h => string.Equals(h.Said("selected"), "false", StringComparison.OrdinalIgnoreCase)).Select(h => (Choice: ChoiceHtml(c), Hint: h)))
            .Select(pair => $"<li>{pair.Choice}: {OlxXml.ToHtml(pair.Hint.Nodes()).Trim()}</li>")
            .ToList();
        if (group.Elements("compoundhint").Any()) _losses.Add(("problem.compound_hint", "Feedback for certain combinations of choices was left out."));
        return New(QuestionKind.Multiple, choices) with
        {
            PartialCredit = response.Said("partial_credit") is not null,
            ExplanationHtml = unchosen.Count > 0 ? $"<ul>{string.Concat(unchosen)}</ul>" : "",
        };
    }

    void Dropdowns(XElement response)
    {
        var inputs = response.Descendants("optioninput").ToList();
        if (inputs.Count == 0) throw Wrong("has no options");
        foreach (var input in inputs)
        {
            List<Choice> choices;
            if (input.Elements("option").Any())
            {
                choices = Choices(input.Elements("option"), o => IsTrue(o.Said("correct")));
            }
            else
            {
                var right = (input.Said("correct") ?? "").Trim();
                choices = [.. Options(input.Said("options") ?? "").Select((option, i) => new Choice(ChoiceId(i), System.Net.WebUtility.HtmlEncode(option), string.Equals(option, right, StringComparison.Ordinal), null, null))];
                Check(choices);
            }

            if (choices.Count(c => c.Correct) != 1) throw new NotAQuestionException(choices.Any(c => c.Correct) ? "problem.several_right_answers" : "problem.no_right_answer", "Its right option is not one of those that it offers, or not the only one.");
            var question = New(QuestionKind.Single, choices);
            Add(inputs.Count == 1 ? question : question with { PromptHtml = OlxXml.ToHtml(Gap(response, input)) });
        }
    }

    /// <summary>The response's text with a gap for this input, and dots for the others.</summary>
    static IEnumerable<XNode> Gap(XElement response, XElement input)
    {
        var index = response.Descendants("optioninput").TakeWhile(i => i != input).Count();
        var copy = new XElement(response);
        foreach (var (place, i) in copy.Descendants("optioninput").ToList().Select((place, i) => (place, i)))
            place.ReplaceWith(i == index ? new XElement("strong", "[ ? ]") : new XText("…"));
        return Prompt(copy.Nodes());
    }

    Question Number(XElement response)
    {
        var answer = response.Said("answer") ?? throw Wrong("names no right answer");
        var (value, tolerance) = NumberAndTolerance(answer, response.Elements("responseparam").FirstOrDefault(p => p.Said("type") is "tolerance")?.Said("default"));
        var also = response.Elements("additional_answer").Select(a => a.Said("answer")).OfType<string>().Select(Decimal).ToList();
        var credit = response.Said("partial_credit")?.Split(',').Select(c => c.Trim()).ToList() ?? [];
        var half = credit.Contains("list")
            ? response.Elements("responseparam").Select(p => p.Said("partial_answers")).OfType<string>().SelectMany(p => p.Split(',')).Select(p => Decimal(p.Trim())).ToList()
            : [];
        if (credit.Contains("close")) _losses.Add(("problem.close_answers", "Answers that are nearly right were worth part of the points; now they are wrong."));
        return New(QuestionKind.Numeric, []) with { PartialCredit = half.Count > 0, Numeric = new NumericKey(value, tolerance, also, half) };
    }

    (decimal Value, decimal Tolerance) NumberAndTolerance(string answer, string? tolerance)
    {
        if (Range().Match(answer) is { Success: true } range)
        {
            var (low, high) = (Decimal(range.Groups["low"].Value), Decimal(range.Groups["high"].Value));
            if (low > high) throw new NotAQuestionException("problem.no_right_answer", $"Its range '{ArchiveReader.Shown(answer)}' is empty.");
            if (answer[0] == '(' || answer[^1] == ')') _losses.Add(("problem.range_is_closed", $"The ends of its range '{answer}' count as right now."));
            return (low + ((high - low) / 2), (high - low) / 2);
        }

        var value = Decimal(answer);
        if (tolerance is null)
        {
            // Open edX allows a thousandth of a percent for the sake of its floating-point numbers; whole numbers need none.
            return (value, decimal.IsInteger(value) ? 0 : Math.Abs(value) * 0.00001m);
        }

        var percent = tolerance.EndsWith('%');
        var width = Math.Abs(Decimal(percent ? tolerance[..^1].Trim() : tolerance));
        return (value, percent ? Math.Abs(value) * width / 100 : width);
    }

    static decimal Decimal(string text)
    {
        if (text.StartsWith('$')) throw new NotAQuestionException("problem.random_variables", "Its answer is computed by a script.");
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= 1_000_000_000_000_000m
            ? number
            : throw new NotAQuestionException("problem.not_a_number", $"Its answer '{ArchiveReader.Shown(text)}' is an expression, not a number.");
    }

    Question Words(XElement response)
    {
        var answers = (response.Said("answer") ?? "").Split("_or_").Select(a => a.Trim())
            .Concat(response.Elements("additional_answer").Select(a => a.Said("answer") ?? a.Value.Trim()))
            .Concat(response.Elements("stringequalhint").Where(h => IsTrue(h.Said("correct"))).Select(h => h.Said("answer") ?? ""))
            .Where(a => a.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (answers.Count == 0) throw new NotAQuestionException("problem.no_right_answer", "It names no right answer.");
        if (answers.Any(a => a.StartsWith('$') && a.Length > 1 && char.IsAsciiLetter(a[1]))) throw new NotAQuestionException("problem.random_variables", "Its answer is computed by a script.");

        var type = (response.Said("type") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var anyCase = type.Contains("ci", StringComparer.OrdinalIgnoreCase);
        if (!type.Contains("regexp", StringComparer.OrdinalIgnoreCase)) return New(QuestionKind.ShortText, []) with { Text = new TextKey(answers, !anyCase, null) };

        var pattern = answers.Count == 1 ? answers[0] : string.Join('|', answers.Select(a => $"(?:{a})"));
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new NotAQuestionException("problem.pattern", $"Its answer is the pattern '{ArchiveReader.Shown(pattern)}', which cannot be checked in bounded time or is not valid.");
        }

        return New(QuestionKind.ShortText, []) with { Text = new TextKey([], !anyCase, pattern) };
    }

    Question New(QuestionKind kind, IReadOnlyList<Choice> choices) => new(_newId(), kind, "", 1, false, choices, null, null, "", []);

    List<Choice> Choices(IEnumerable<XElement> elements, Func<XElement, bool> correct)
    {
        List<Choice> choices = [.. elements.Select((c, i) => new Choice(ChoiceId(i), ChoiceHtml(c), correct(c), null, Feedback(c)))];
        Check(choices);
        return choices;
    }

    static void Check(List<Choice> choices)
    {
        if (choices.Count is < 2 or > 50) throw new NotAQuestionException("problem.choices", $"It has {choices.Count} choices; 2 to 50 are possible.");
        if (choices.Any(c => c.Html.Length == 0)) throw new NotAQuestionException("problem.choices", "One of its choices is empty.");
    }

    static string ChoiceId(int index) => index < 26 ? ((char)('a' + index)).ToString() : $"a{(char)('a' + index - 26)}";

    static string ChoiceHtml(XElement choice) => OlxXml.ToHtml(choice.Nodes().Where(n => n is not XElement e || !e.Is("choicehint", "optionhint", "compoundhint"))).Trim();

    static string? Feedback(XElement choice)
    {
        var hints = choice.Elements().Where(e => e.Is("choicehint", "optionhint") && !string.Equals(e.Said("selected"), "false", StringComparison.OrdinalIgnoreCase)).Select(h => OlxXml.ToHtml(h.Nodes()).Trim()).Where(h => h.Length > 0).ToList();
        return hints.Count > 0 ? string.Join(' ', hints) : null;
    }

    /// <summary>What is read before answering: labels and text, without the fields and the author's hints.</summary>
    static IEnumerable<XNode> Prompt(IEnumerable<XNode> nodes)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case XText:
                    yield return node;
                    break;
                case XElement element when element.Is("label") && element.Elements("p").Any():
                    yield return new XElement("div", element.Nodes());
                    break;
                case XElement element when element.Is("label"):
                    yield return new XElement("p", element.Nodes());
                    break;
                case XElement element when element.Is("description"):
                    yield return new XElement("p", new XElement("em", element.Nodes()));
                    break;
                case XElement element when element.Is("clarification"):
                    yield return new XText($" ({element.Value.Trim()})");
                    break;
                case XElement element when Fields.Contains(element.Name()):
                    break;
                case XElement element:
                    yield return new XElement(element.Name, element.Attributes(), Prompt(element.Nodes()));
                    break;
            }
        }
    }

    static string FieldLabel(XElement response)
        => System.Net.WebUtility.HtmlEncode(response.DescendantsAndSelf().Select(e => e.Said("label")).OfType<string>().FirstOrDefault() ?? "Answer:");

    static string Solutions(XElement response) => string.Concat(response.Descendants("solution").Select(s => OlxXml.ToHtml(s.Nodes())));

    static string ResponseHints(XElement response)
        => string.Concat(response.Descendants().Where(e => e.Is("correcthint", "stringequalhint", "regexphint") && !string.IsNullOrWhiteSpace(e.Value)).Select(h => $"<p>{OlxXml.ToHtml(h.Nodes())}</p>"));

    /// <summary>What belongs to all of the problem: its weight, its hints (before the first question) and its solution (after the last).</summary>
    void Share(XElement problem)
    {
        if (_questions.Count == 0) throw new NotAQuestionException("problem.nothing_to_answer", "It holds nothing to answer.");
        var points = (decimal)_questions.Count;
        if (problem.Said("weight") is { } text && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && weight <= 10_000)
        {
            if (weight > 0) points = weight;
            else _losses.Add(("problem.ungraded", "It was not graded; now it is worth a point."));
        }

        var each = Math.Max(0.01m, Math.Round(points / _questions.Count, 2));
        for (var i = 0; i < _questions.Count; i++) _questions[i] = _questions[i] with { Points = each };

        var hints = problem.Descendants("demandhint").SelectMany(d => d.Elements("hint")).Select(h => OlxXml.ToHtml(h.Nodes()).Trim()).Where(h => h.Length > 0).ToList();
        _questions[0] = _questions[0] with { Hints = hints };

        var solution = string.Concat(problem.Descendants("solution").Where(s => !s.Ancestors().Any(a => Supported.Contains(a.Name()))).Select(s => OlxXml.ToHtml(s.Nodes())));
        if (solution.Length > 0) _questions[^1] = _questions[^1] with { ExplanationHtml = _questions[^1].ExplanationHtml + solution };
    }

    static NotAQuestionException Wrong(string what) => new("problem.malformed", $"Its answer {what}.");

    static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    static bool IsText(XNode node) => node is XText text ? !string.IsNullOrWhiteSpace(text.Value) : node is XElement e && (!string.IsNullOrWhiteSpace(e.Value) || e.DescendantsAndSelf("img").Any());

    /// <summary>The words of <c>('one','it\'s two',"three")</c>. An apostrophe between letters is one.</summary>
    static IEnumerable<string> Options(string list)
    {
        var text = list.Trim();
        if (text.StartsWith('(') && text.EndsWith(')')) text = text[1..^1];
        var word = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\'' or '"')) continue;
            var quote = text[i];
            word.Clear();
            for (i++; i < text.Length; i++)
            {
                if (text[i] == '\\' && i + 1 < text.Length) word.Append(text[++i]);
                else if (text[i] != quote) word.Append(text[i]);
                else if (i > 0 && i + 1 < text.Length && char.IsLetter(text[i - 1]) && char.IsLetter(text[i + 1])) word.Append(quote);
                else break;
            }

            yield return word.ToString().Trim();
        }
    }

    [GeneratedRegex("""(?m)^\s*(?<name>[A-Za-z_]\w*)(\s*,\s*[A-Za-z_]\w*)*\s*=""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Assigned();

    [GeneratedRegex("""\$\{?(?<name>[A-Za-z_]\w*)""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Used();

    [GeneratedRegex("""^\s*[\[(]\s*(?<low>[^,\s]+)\s*,\s*(?<high>[^,\s]+)\s*[\])]\s*$""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Range();
}
