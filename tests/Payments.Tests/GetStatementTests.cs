using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Payments;
using Shouldly;

namespace EdTech.Payments.Tests;

public sealed class GetStatementTests(PaymentsFixture payments)
{
    static readonly Actor Nobody = PaymentsFixture.Tutor();

    [Fact]
    public async Task Lines_carry_the_balance_from_the_opening_to_the_closing_one_over_all_pages()
    {
        var tutor = PaymentsFixture.Tutor();
        await Postings(tutor, "EUR", ("2026-01-31T23:59:59Z", 500), ("2026-02-01T00:00:00Z", 100), ("2026-02-10T12:00:00Z", -250), ("2026-02-10T12:00:00Z", 30), ("2026-02-28T23:59:59Z", 7), ("2026-03-01T00:00:00Z", 1_000));

        var first = await Statement(tutor, "currency=EUR&from=2026-02-01&to=2026-02-28&limit=3");
        var second = await Statement(tutor, $"currency=EUR&from=2026-02-01&to=2026-02-28&limit=3&cursor={first.Next}");

        (first.Opening.MinorUnits, first.Closing.MinorUnits).ShouldBe((500, 387));
        (second.Opening.MinorUnits, second.Closing.MinorUnits).ShouldBe((500, 387));
        first.Lines.Concat(second.Lines).Select(l => (l.Amount.MinorUnits, l.Balance.MinorUnits)).ShouldBe([(100, 600), (-250, 350), (30, 380), (7, 387)]);
        (first.Lines.Count, second.Next).ShouldBe((3, null));
    }

    [Fact]
    public async Task A_time_without_movements_opens_and_closes_with_the_same_balance()
    {
        var tutor = PaymentsFixture.Tutor();
        await Postings(tutor, "EUR", ("2026-01-10T00:00:00Z", 500), ("2026-05-10T00:00:00Z", 70));

        var statement = await Statement(tutor, "currency=EUR&from=2026-03-01&to=2026-03-31");

        (statement.Opening.MinorUnits, statement.Closing.MinorUnits, statement.Lines.Count).ShouldBe((500, 500, 0));
        (await Statement(tutor, "currency=CHF&from=2026-03-01&to=2026-03-31")).Closing.ShouldBe(new Money(0, "CHF"));
    }

    [Theory]
    [InlineData("EUR", "1.05", "-0.25")]
    [InlineData("JPY", "105", "-25")]
    [InlineData("KWD", "0.105", "-0.025")]
    public async Task As_a_table_it_has_all_lines_with_the_digits_of_the_currency(string currency, string credit, string debit)
    {
        var tutor = PaymentsFixture.Tutor();
        await Postings(tutor, currency, ("2026-02-01T08:00:00Z", 105), ("2026-02-02T08:00:00Z", -130));
        using var api = payments.Worker.Api(tutor);

        using var answer = await api.GetAsync(new Uri($"/internal/payments/me/statement?currency={currency}&from=2026-02-01&to=2026-02-28&format=csv", UriKind.Relative));

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        var rows = (await answer.Content.ReadAsStringAsync()).Split("\r\n");
        rows[0].ShouldBe("at,what,purchaseId,currency,amount,balance");
        rows[2].ShouldBe($"2026-02-01T08:00:00.000000Z,test,,{currency},{credit},{credit}");
        rows[3].ShouldEndWith($",{debit}");
        rows[4].ShouldBe($"2026-02-28,closing,,{currency},,{debit}");
        rows[^1].ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_elses_movements_are_not_in_it()
    {
        var tutor = PaymentsFixture.Tutor();
        await Postings(tutor, "EUR", ("2026-02-01T08:00:00Z", 105));

        (await Statement(PaymentsFixture.Tutor(), "currency=EUR&from=2026-02-01&to=2026-02-28")).Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("currency=EUR&from=2026-02-02&to=2026-02-01", HttpStatusCode.UnprocessableEntity)]
    [InlineData("currency=XXX&from=2026-02-01&to=2026-02-02", HttpStatusCode.UnprocessableEntity)]
    [InlineData("currency=EUR&from=0001-01-01&to=9999-12-31", HttpStatusCode.UnprocessableEntity)]
    [InlineData("currency=EUR&from=2026-02-01&to=2026-02-02&cursor=elsewhere", HttpStatusCode.BadRequest)]
    public async Task What_makes_no_sense_is_refused(string query, HttpStatusCode status)
    {
        using var api = payments.Worker.Api(Nobody);

        using var answer = await api.GetAsync(new Uri($"/internal/payments/me/statement?{query}", UriKind.Relative));

        answer.StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task A_page_comes_quickly_out_of_a_hundred_thousand_postings()
    {
        var tutor = PaymentsFixture.Tutor();
        await using (var connection = await payments.Worker.Db.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(
                """
                WITH added AS (
                    INSERT INTO payments.posting_set (reference, kind, message_id, posted_at)
                    SELECT 'many/' || @tutor::text || '/' || i, 'test', 'test', timestamptz '2026-01-01Z' + i * interval '1 minute'
                    FROM generate_series(1, 100000) AS i
                    RETURNING posting_set_id, posted_at
                )
                INSERT INTO payments.posting (posting_set_id, line, account, owner_id, currency, amount_minor, posted_at)
                SELECT posting_set_id, line, account, owner_id, 'SEK', amount_minor, posted_at
                FROM added
                CROSS JOIN (VALUES (1, 'tutor', @tutor, -1), (2, 'learner', @tutor, 1)) AS p (line, account, owner_id, amount_minor);
                """, new { tutor = tutor.Id }, commandTimeout: 60);
        }

        var first = await Statement(tutor, "currency=SEK&from=2026-01-01&to=2026-12-31&limit=100");
        var clock = Stopwatch.StartNew();
        var second = await Statement(tutor, $"currency=SEK&from=2026-01-01&to=2026-12-31&limit=100&cursor={first.Next}");

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        (first.Opening.MinorUnits, first.Closing.MinorUnits).ShouldBe((0, 100_000));
        second.Lines.Select(l => l.Balance.MinorUnits).ShouldBe(Enumerable.Range(101, 100).Select(i => (long)i));
    }

    async Task<StatementView> Statement(Actor tutor, string query)
    {
        using var api = payments.Worker.Api(tutor);
        return (await api.GetFromJsonAsync<StatementView>($"/internal/payments/me/statement?{query}"))!;
    }

    /// <summary>Movements at chosen times, which only the books' own table lets a test have.</summary>
    async Task Postings(Actor tutor, string currency, params (string At, long Credit)[] movements)
    {
        await using var connection = await payments.Worker.Db.OpenConnectionAsync();
        foreach (var (at, credit) in movements)
        {
            await connection.ExecuteAsync(
                """
                WITH added AS (
                    INSERT INTO payments.posting_set (reference, kind, message_id, posted_at)
                    VALUES (@reference, 'test', 'test', @at::timestamptz)
                    RETURNING posting_set_id, posted_at
                )
                INSERT INTO payments.posting (posting_set_id, line, account, owner_id, currency, amount_minor, posted_at)
                SELECT posting_set_id, line, account, owner_id, @currency, amount_minor, posted_at
                FROM added
                CROSS JOIN (VALUES (1, 'tutor', @tutor, -@credit), (2, 'learner', @tutor, @credit)) AS p (line, account, owner_id, amount_minor)
                """, new { reference = $"statement/{Guid.NewGuid()}", at, currency, tutor = tutor.Id, credit });
        }
    }
}
