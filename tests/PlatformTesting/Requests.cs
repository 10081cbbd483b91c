using System.Text.Json.Nodes;

namespace EdTech.PlatformTesting;

/// <summary>Bodies of requests that several journeys send.</summary>
public static class Requests
{
    /// <summary>A course without lessons; free unless a price is given in euro cents.</summary>
    public static object Course(string title, string subject = "biology", int? cents = null) => new
    {
        title,
        summary = "A short course.",
        descriptionHtml = "<p>What it is about.</p>",
        language = "en",
        level = "beginner",
        subjects = new[] { subject },
        prerequisites = Array.Empty<Guid>(),
        price = cents is null ? null : new { minorUnits = cents, currency = "EUR" },
    };

    /// <summary>A lesson to read.</summary>
    public static object Article(string title) => new { kind = "article", title, minutes = 5, freePreview = false, content = new { html = $"<p>{title}</p>" } };

    /// <summary>A lesson of two questions.</summary>
    public static object Quiz(string title) => new
    {
        kind = "quiz",
        title,
        minutes = 5,
        freePreview = false,
        content = new
        {
            quiz = new
            {
                passPercent = 60,
                shuffle = false,
                questions = new object[]
                {
                    new
                    {
                        questionId = Guid.CreateVersion7(), kind = "single", promptHtml = "<p>Which of these makes sugar from light?</p>", points = 1, partialCredit = false,
                        choices = new object[] { new { id = "a", html = "A mushroom", correct = false }, new { id = "b", html = "A leaf", correct = true } }, hints = Array.Empty<string>(),
                    },
                    new
                    {
                        questionId = Guid.CreateVersion7(), kind = "numeric", promptHtml = "<p>How many legs has a spider?</p>", points = 1, partialCredit = false,
                        choices = Array.Empty<object>(), numeric = new { value = 8, tolerance = 0, alsoAccepted = Array.Empty<decimal>(), halfCredit = Array.Empty<decimal>() }, hints = Array.Empty<string>(),
                    },
                },
            },
        },
    };

    /// <summary>The right answer to a question of <see cref="Quiz"/>.</summary>
    public static object RightAnswer(JsonNode? question) => question!["kind"]!.GetValue<string>() switch
    {
        "single" => new { questionId = question["questionId"]!.GetValue<Guid>(), choices = new[] { "b" } },
        _ => new { questionId = question["questionId"]!.GetValue<Guid>(), number = 8 },
    };
}
