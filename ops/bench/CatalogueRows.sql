-- 100,000 courses for measuring catalogue search, in a migrated learning database that has none. Word frequencies fall off as in real
-- text: a few subjects have thousands of courses, most words of the summaries are rare. The same rows come out at every run.
--     psql -v ON_ERROR_STOP=1 -d <prefix>_learning -f ops/bench/CatalogueRows.sql
BEGIN;

CREATE FUNCTION pg_temp.pick(words text[], seed bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    -- Squaring a fraction of 0 to 1 favours the beginning of the list.
    SELECT words[1 + floor(power((hashint8(seed)::bigint & 1048575) / 1048576.0, 2) * array_length(words, 1))::int]
$$;

-- One of 24,000 invented but pronounceable words behind the real ones: the long tail.
CREATE FUNCTION pg_temp.rare(seed bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'je', 'ki', 'lo', 'mu', 'na', 'pe', 'ri', 'so', 'tu'])[1 + at % 15]
        || (ARRAY['bran', 'cel', 'dor', 'fin', 'gral', 'ken', 'lis', 'mor', 'nar', 'pel', 'quin', 'ros', 'sal', 'ter', 'vin', 'zon'])[1 + at / 15 % 16]
        || (ARRAY['a', 'e', 'i', 'o', 'u', 'ia', 'eo', 'ua', 'io', 'au'])[1 + at / 240 % 10]
        || (ARRAY['n', 'r', 's', 'l', 'm', 't', 'd', 'k', 'p', 'x'])[1 + at / 2400]
    FROM (SELECT floor(power((hashint8(seed)::bigint & 1048575) / 1048576.0, 2) * 24000)::int AS at) AS drawn
$$;

CREATE TEMPORARY TABLE generated AS
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS course_id,
       ('00000000-0000-7000-9000-' || lpad(to_hex(n % 5000), 12, '0'))::uuid AS tutor_id,
       'bench-' || n AS slug,
       initcap(pg_temp.pick(openings, n * 7 + 1)) || ' ' || initcap(topic) || ' ' || pg_temp.pick(endings, n * 7 + 2)
           || CASE WHEN n % 3 = 0 THEN ' ' || pg_temp.rare(n * 7 + 3) ELSE '' END AS title,
       'Learn ' || topic || ' ' || pg_temp.pick(ways, n * 7 + 4) || '. '
           || (SELECT string_agg(CASE WHEN w % 3 = 0 THEN pg_temp.rare(n * 31 + w) ELSE pg_temp.pick(common, n * 31 + w) END, ' ') FROM generate_series(1, 22) AS w) || '.' AS summary,
       pg_temp.pick(ARRAY['en', 'en', 'en', 'es', 'pt', 'de', 'fr', 'en-GB', 'pt-BR', 'it', 'pl', 'nl'], n * 7 + 5) AS language,
       pg_temp.pick(ARRAY['beginner', 'all', 'intermediate', 'advanced'], n * 7 + 6) AS level,
       ARRAY[subject, pg_temp.pick(subjects, n * 7 + 11)] AS subjects,
       CASE WHEN n % 4 = 0 THEN 0 ELSE 500 + (hashint8(n)::bigint & 16383) END AS price_minor,
       3 + (n % 60)::int AS lessons,
       floor(power((hashint8(n * 13)::bigint & 65535) / 65536.0, 12) * 200000)::int AS learners,
       timestamptz '2026-01-01' + (hashint8(n * 17)::bigint & 16777215) * interval '1 second' AS published_at
FROM generate_series(1, 100000) AS n
CROSS JOIN (
    SELECT ARRAY['introduction to', 'practical', 'modern', 'complete', 'essential', 'advanced', 'applied', 'understanding', 'hands-on', 'visual', 'everyday', 'the art of'] AS openings,
           ARRAY['for beginners', 'from scratch', 'in practice', 'step by step', 'with projects', 'for professionals', 'in 30 days', 'masterclass', 'bootcamp', 'for exams'] AS endings,
           ARRAY['with exercises and feedback', 'at your own pace', 'from the very first step', 'with real projects', 'the way professionals work', 'by solving problems'] AS ways,
           ARRAY['programming', 'mathematics', 'languages', 'business', 'design', 'music', 'physics', 'data science', 'history', 'biology', 'chemistry', 'photography', 'health', 'law', 'philosophy', 'cooking', 'gardening', 'astronomy', 'geography', 'drama'] AS subjects,
           ARRAY['python', 'english', 'algebra', 'javascript', 'marketing', 'statistics', 'spanish', 'calculus', 'machine learning', 'guitar', 'java', 'geometry', 'drawing', 'databases', 'accounting', 'german', 'piano', 'chemistry', 'photography', 'trigonometry', 'portuguese', 'typography', 'genetics', 'philosophy', 'astronomy', 'thermodynamics', 'kubernetes', 'watercolour', 'negotiation', 'topology', 'sociology', 'ethnomusicology'] AS topics,
           ARRAY['learn', 'skills', 'practice', 'course', 'work', 'clear', 'examples', 'build', 'understand', 'methods', 'tools', 'theory', 'problems', 'questions', 'simple', 'write', 'read', 'project', 'explain', 'solve', 'history', 'model', 'careful', 'language', 'analysis', 'creative', 'lesson', 'number', 'method', 'science', 'team', 'design', 'results', 'experience', 'journey', 'foundation', 'quality', 'feedback', 'portfolio', 'career'] AS common
) AS word
CROSS JOIN LATERAL (SELECT pg_temp.pick(topics, n * 7 + 9) AS topic, pg_temp.pick(subjects, n * 7 + 10) AS subject) AS chosen;

INSERT INTO learning.course (course_id, tutor_id, slug, status, published_version, created_at)
SELECT course_id, tutor_id, slug, 'published', 1, published_at
FROM generated;

INSERT INTO learning.catalogue (course_id, slug, tutor_id, title, summary, language, level, subjects, price_minor, currency, lessons, minutes, published_at, search)
SELECT course_id, slug, tutor_id, title, summary, language, level, subjects, price_minor, CASE WHEN price_minor > 0 THEN 'EUR' END, lessons, lessons * 8, published_at,
       learning.catalogue_text(language, title, subjects, summary)
FROM generated;

INSERT INTO learning.course_learners (course_id, learners)
SELECT course_id, learners
FROM generated;

INSERT INTO learning.catalogue_configuration (name)
SELECT DISTINCT learning.search_configuration(language)
FROM generated
ON CONFLICT DO NOTHING;

-- learning.learn_words for all rows at once.
CREATE TEMPORARY TABLE spelled AS
SELECT word
FROM ts_stat('SELECT to_tsvector(''learning.simple'', title || '' '' || array_to_string(subjects, '' '') || '' '' || summary) FROM generated');

INSERT INTO learning.catalogue_word (word)
SELECT word FROM spelled WHERE length(word) <= 40
UNION
SELECT word FROM ts_stat('SELECT search FROM learning.catalogue') WHERE length(word) <= 40
ON CONFLICT DO NOTHING;

INSERT INTO learning.catalogue_spelling (remainder, word)
SELECT DISTINCT remainder, spelled.word
FROM spelled, learning.word_remainders(spelled.word) AS remainder
WHERE spelled.word ~ '^[[:alpha:]]{3,40}$'
ON CONFLICT DO NOTHING;

COMMIT;

VACUUM ANALYZE learning.catalogue, learning.course, learning.course_learners, learning.catalogue_word, learning.catalogue_spelling;
