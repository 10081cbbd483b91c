using Dapper;
using Npgsql;

namespace EdTech.Learning;

/// <summary>What somebody typed into the search field, as the catalogue can be asked for it.</summary>
/// <param name="Query">A tsquery; null when none of the words can be found.</param>
/// <param name="SearchedFor">The words that are searched instead, where some were misspelled or are nowhere; otherwise null.</param>
sealed record CatalogueWords(string? Query, string? SearchedFor)
{
    const int MaxWords = 10;

    /// <summary>Finds the words in the catalogue's vocabulary: as they are, as a beginning when the last one is unfinished, or as what was probably meant.</summary>
    public static async Task<CatalogueWords> Understand(NpgsqlConnection connection, string text, string? language)
    {
        var words = (await connection.QueryAsync<Word>(
            """
            SELECT asked.lexeme AS text,
                   vocabulary.has_it OR stop_word.is_one AS is_known
            FROM (
                SELECT lexeme, positions[1] AS place
                FROM unnest(to_tsvector('learning.simple', @Text))
                ORDER BY place
                LIMIT @MaxWords
            ) AS asked
            CROSS JOIN LATERAL (
                SELECT coalesce(bool_or(to_tsvector(name, asked.lexeme) = ''), false) AS is_one
                FROM learning.catalogue_configuration
            ) AS stop_word
            CROSS JOIN LATERAL (
                SELECT EXISTS (
                    SELECT 1
                    FROM learning.catalogue_word
                    WHERE word = ANY (ARRAY(
                        SELECT asked.lexeme
                        UNION
                        SELECT unnest(tsvector_to_array(to_tsvector(name, asked.lexeme)))
                        FROM learning.catalogue_configuration
                    ))
                ) AS has_it
            ) AS vocabulary
            ORDER BY asked.place
            """,
            new { Text = text, MaxWords })).AsList();
        if (words.Count == 0)
            return new CatalogueWords(null, null);

        var alternatives = words.ConvertAll(w => w.IsKnown ? [w.Text] : Array.Empty<string>());
        if (!words[^1].IsKnown)
            alternatives[^1] = await Beginnings(connection, words[^1].Text);

        var misspelled = Enumerable.Range(0, words.Count).Where(i => alternatives[i].Length == 0).ToList();
        if (misspelled.Count > 0)
        {
            var meant = await Corrections(connection, misspelled.ConvertAll(i => words[i].Text));
            foreach (var i in misspelled)
                alternatives[i] = meant.GetValueOrDefault(words[i].Text, []);
        }

        // A word that is nowhere does not spoil the others, but it finds nothing on its own.
        var searched = alternatives.FindAll(a => a.Length > 0);
        var query = searched.Count == 0 ? null : await Stems(connection, searched, language);
        return new CatalogueWords(query, query is null || misspelled.Count == 0 ? null : string.Join(' ', searched.Select(a => a[0])));
    }

    static async Task<string[]> Beginnings(NpgsqlConnection connection, string word)
        => word.Length < 3
            ? []
            : [.. await connection.QueryAsync<string>(
                """
                SELECT word
                FROM learning.catalogue_word
                WHERE word > @Word AND word < @Word || chr(1114111)
                ORDER BY word
                LIMIT 10
                """,
                new { Word = word })];

    static async Task<Dictionary<string, string[]>> Corrections(NpgsqlConnection connection, List<string> words)
    {
        var candidates = await connection.QueryAsync<(string Asked, string Word)>(
            """
            SELECT DISTINCT asked, spelling.word
            FROM unnest(@Words) AS asked
            CROSS JOIN LATERAL (
                SELECT word
                FROM learning.catalogue_spelling
                WHERE remainder = ANY (ARRAY(SELECT learning.word_remainders(asked)))
                  AND length(word) BETWEEN length(asked) - 2 AND length(asked) + 2
                LIMIT 2000
            ) AS spelling
            """,
            new { Words = words.ToArray() });
        return candidates
            .GroupBy(c => c.Asked, c => c.Word, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => Spelling.Nearest(g.Key, g), StringComparer.Ordinal);
    }

    // The words' stems in every language that the catalogue has, for nobody says in which one the query is: all words in one of them.
    static Task<string?> Stems(NpgsqlConnection connection, List<string[]> alternatives, string? language)
        => connection.QuerySingleAsync<string?>(
            """
            WITH stem AS (
                SELECT configuration.name, alternative.place,
                       '(' || (SELECT string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' & ')
                               FROM unnest(tsvector_to_array(to_tsvector(configuration.name, alternative.word))) AS lexeme) || ')' AS query
                FROM unnest(@Places, @Words) AS alternative (place, word)
                CROSS JOIN learning.catalogue_configuration AS configuration
                WHERE @Language::text IS NULL OR configuration.name = learning.search_configuration(@Language)
            ), word AS (
                SELECT name, place, '(' || string_agg(DISTINCT query, ' | ') || ')' AS query
                FROM stem
                WHERE query IS NOT NULL
                GROUP BY name, place
            ), sentence AS (
                SELECT DISTINCT '(' || string_agg(query, ' & ' ORDER BY place) || ')' AS query
                FROM word
                GROUP BY name
            )
            SELECT string_agg(query, ' | ')
            FROM sentence
            """,
            new
            {
                Places = alternatives.SelectMany((a, i) => a.Select(_ => i)).ToArray(),
                Words = alternatives.SelectMany(a => a).ToArray(),
                Language = language,
            });

    sealed record Word(string Text, bool IsKnown);
}
