using EdTech.Learning;
using EdTech.Testing;
using Npgsql;

namespace EdTech.Bench;

/// <summary>Catalogue search over 100,000 generated courses: the query API over HTTP in this process, against the smallest statement that ranks matches.</summary>
static class CatalogueSearch
{
    // What is asked for, and the words as they should have been typed.
    static readonly (string Query, string Words, bool Misspelled)[] Queries =
    [
        ("q=python", "python", false),
        ("q=algebra+for+beginners", "algebra for beginners", false),
        ("q=machine+learning", "machine learning", false),
        ("q=ethnomusicology", "ethnomusicology", false),
        ("q=practical+watercolour", "practical watercolour", false),
        ("q=statistics+masterclass", "statistics masterclass", false),
        ("q=piano&level=beginner", "piano", false),
        ("q=databases&free=true", "databases", false),
        ("q=introduction", "introduction", false),
        ("q=genetics&sort=newest", "genetics", false),
        ("q=pyhton", "python", true),
        ("q=algbera", "algebra", true),
        ("q=machne+lerning", "machine learning", true),
        ("q=etnomusicology", "ethnomusicology", true),
        ("q=kubernets+projects", "kubernetes projects", true),
        ("q=trigonomtery", "trigonometry", true),
        ("q=fotography", "photography", true),
        ("q=thermodinamics", "thermodynamics", true),
    ];

    public static string Query(int i) => Queries[i % Queries.Length].Query;

    public sealed record Result(Latencies Spelled, Latencies Misspelled, Latencies RawSql, IReadOnlyCollection<string> FoundNothing);

    public static async Task<Result> Measure(string rowsFile, TimeSpan duration)
    {
        await using var worker = await WorkerUnderTest.Start("learning", LearningEndpoint.Build, ("Logging:LogLevel:Default", "Warning"));
        await Generate(worker.Db, rowsFile);
        var api = worker.Api();
        var nothing = new HashSet<string>(StringComparer.Ordinal);
        async Task Ask(string query)
        {
            var page = await api.GetStringAsync(new Uri($"/internal/learning/catalogue?{query}", UriKind.Relative));
            if (page.Contains("\"items\":[]", StringComparison.Ordinal))
            {
                nothing.Add(query);
            }
        }

        var spelled = Queries.Where(q => !q.Misspelled).ToArray();
        var misspelled = Queries.Where(q => q.Misspelled).ToArray();
        return new Result(
            await Latencies.OneByOne(100, duration, i => Ask(spelled[i % spelled.Length].Query)),
            await Latencies.OneByOne(100, duration, i => Ask(misspelled[i % misspelled.Length].Query)),
            await Latencies.OneByOne(100, duration, i => Raw(worker.Db, Queries[i % Queries.Length].Words)),
            nothing);
    }

    public static async Task Generate(NpgsqlDataSource db, string rowsFile)
    {
        var sql = await File.ReadAllTextAsync(rowsFile);
        var rows = sql.LastIndexOf("COMMIT;", StringComparison.Ordinal) + "COMMIT;".Length;
        // VACUUM refuses to run with other statements.
        foreach (var part in new[] { sql[..rows], sql[rows..] })
        {
            await using var command = db.CreateCommand(part);
            command.CommandTimeout = 180;
            await command.ExecuteNonQueryAsync();
        }
    }

    static async Task Raw(NpgsqlDataSource db, string words)
    {
        await using var command = db.CreateCommand(
            """
            SELECT course_id, title, summary
            FROM learning.catalogue, websearch_to_tsquery('learning.english', @words) AS query
            WHERE search @@ query
            ORDER BY ts_rank(search, query) DESC
            LIMIT 20
            """);
        command.Parameters.AddWithValue("words", words);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            _ = reader.GetString(1);
        }
    }
}
