-- The catalogue: one row per published course, written by publishing and removed by archiving in the same transaction, so that search
-- reads one table and never the drafts.
CREATE EXTENSION IF NOT EXISTS unaccent;

-- PostgreSQL's own configurations, made blind to accents: 'Algebra' and 'Álgebra' are the same word.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['simple', 'arabic', 'danish', 'dutch', 'english', 'finnish', 'french', 'german', 'greek', 'hindi', 'hungarian',
                                'indonesian', 'irish', 'italian', 'norwegian', 'portuguese', 'romanian', 'russian', 'spanish', 'swedish', 'turkish']
    LOOP
        EXECUTE format('CREATE TEXT SEARCH CONFIGURATION learning.%I (COPY = pg_catalog.%I)', name, name);
        EXECUTE format('ALTER TEXT SEARCH CONFIGURATION learning.%I ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, %s',
                       name, CASE WHEN name = 'simple' THEN 'pg_catalog.simple' ELSE format('pg_catalog.%I', name || '_stem') END);
    END LOOP;
END
$$;

CREATE FUNCTION learning.search_configuration(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE lower(split_part(language, '-', 1))
        WHEN 'ar' THEN 'learning.arabic'::regconfig
        WHEN 'da' THEN 'learning.danish'::regconfig
        WHEN 'de' THEN 'learning.german'::regconfig
        WHEN 'el' THEN 'learning.greek'::regconfig
        WHEN 'en' THEN 'learning.english'::regconfig
        WHEN 'es' THEN 'learning.spanish'::regconfig
        WHEN 'fi' THEN 'learning.finnish'::regconfig
        WHEN 'fr' THEN 'learning.french'::regconfig
        WHEN 'ga' THEN 'learning.irish'::regconfig
        WHEN 'hi' THEN 'learning.hindi'::regconfig
        WHEN 'hu' THEN 'learning.hungarian'::regconfig
        WHEN 'id' THEN 'learning.indonesian'::regconfig
        WHEN 'it' THEN 'learning.italian'::regconfig
        WHEN 'nb' THEN 'learning.norwegian'::regconfig
        WHEN 'nl' THEN 'learning.dutch'::regconfig
        WHEN 'nn' THEN 'learning.norwegian'::regconfig
        WHEN 'no' THEN 'learning.norwegian'::regconfig
        WHEN 'pt' THEN 'learning.portuguese'::regconfig
        WHEN 'ro' THEN 'learning.romanian'::regconfig
        WHEN 'ru' THEN 'learning.russian'::regconfig
        WHEN 'sv' THEN 'learning.swedish'::regconfig
        WHEN 'tr' THEN 'learning.turkish'::regconfig
        ELSE 'learning.simple'::regconfig
    END
$$;

-- What a course is found by, in the words' stems of its own language: the title counts most, then the subjects, then the summary.
CREATE FUNCTION learning.catalogue_text(language text, title text, subjects text[], summary text) RETURNS tsvector
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(learning.search_configuration(language), title), 'A')
        || setweight(to_tsvector(learning.search_configuration(language), array_to_string(subjects, ' ')), 'B')
        || setweight(to_tsvector(learning.search_configuration(language), summary), 'C')
$$;

CREATE TABLE learning.catalogue (
    course_id    uuid PRIMARY KEY REFERENCES learning.course,
    slug         text NOT NULL,
    tutor_id     uuid NOT NULL,
    title        text NOT NULL,
    summary      text NOT NULL,
    language     text NOT NULL,
    level        text NOT NULL,
    subjects     text[] NOT NULL,
    price_minor  bigint NOT NULL,          -- 0 when free
    currency     text,                     -- null when free
    lessons      int NOT NULL,
    minutes      int NOT NULL,
    published_at timestamptz NOT NULL,
    search       tsvector NOT NULL
);
-- Without the pending list, which every search would have to read through after a publication.
CREATE INDEX catalogue_search ON learning.catalogue USING gin (search) WITH (fastupdate = off);
CREATE INDEX catalogue_subjects ON learning.catalogue USING gin (subjects) WITH (fastupdate = off);
CREATE INDEX catalogue_newest ON learning.catalogue (published_at DESC, course_id DESC);
CREATE INDEX catalogue_cheapest ON learning.catalogue (price_minor, course_id DESC);
CREATE INDEX catalogue_language ON learning.catalogue (lower(split_part(language, '-', 1)));

-- How many learners a course has. A table of its own, because a changed number in the catalogue's row would rewrite its search indexes
-- at every enrolment. The row is there from the course's first publication and outlives archiving.
CREATE TABLE learning.course_learners (
    course_id uuid PRIMARY KEY REFERENCES learning.course,
    learners  int NOT NULL DEFAULT 0
);
CREATE INDEX course_learners_most ON learning.course_learners (learners DESC, course_id DESC);

-- The configurations that the catalogue's courses use: a query whose language is unknown is tried in each of them.
CREATE TABLE learning.catalogue_configuration (
    name regconfig PRIMARY KEY
);

-- The catalogue's words and their stems: what is not among them is not found.
CREATE TABLE learning.catalogue_word (
    word text COLLATE "C" PRIMARY KEY
);

-- What remains of a word when one or two letters are left out. A misspelled word and the one that was meant have a remainder in common, so
-- that a few exact look-ups find what trigrams would have to compare with the whole vocabulary.
CREATE TABLE learning.catalogue_spelling (
    remainder text COLLATE "C" NOT NULL,
    word      text COLLATE "C" NOT NULL,
    PRIMARY KEY (remainder, word)
);

-- Two letters are left out of words from six letters on, one of shorter ones; only the first seven letters are looked at, which keeps
-- the remainders of a long word few.
CREATE FUNCTION learning.word_remainders(word text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH beginning AS (SELECT left(word, 7) AS letters),
    one AS (
        SELECT overlay(letters PLACING '' FROM at FOR 1) AS letters
        FROM beginning, generate_series(1, length(letters)) AS at
        WHERE length(word) >= 3
    )
    SELECT letters FROM beginning
    UNION
    SELECT letters FROM one
    UNION
    SELECT overlay(letters PLACING '' FROM at FOR 1)
    FROM one, generate_series(1, length(letters)) AS at
    WHERE length(word) >= 6
$$;

-- In the order of the words, so that two publications with the same new words wait for each other rather than deadlock.
CREATE FUNCTION learning.learn_words(language text, content text) RETURNS void
LANGUAGE sql AS $$
    WITH spelled AS MATERIALIZED (
        SELECT unnest(tsvector_to_array(to_tsvector('learning.simple', content))) AS word
    ), added AS (
        INSERT INTO learning.catalogue_word (word)
        SELECT word
        FROM (SELECT word FROM spelled UNION SELECT unnest(tsvector_to_array(to_tsvector(learning.search_configuration(language), content)))) AS known
        WHERE length(word) <= 40
        ORDER BY word COLLATE "C"
        ON CONFLICT DO NOTHING
    )
    INSERT INTO learning.catalogue_spelling (remainder, word)
    SELECT remainder, spelled.word
    FROM spelled, learning.word_remainders(spelled.word) AS remainder
    WHERE spelled.word ~ '^[[:alpha:]]{3,40}$'
    ORDER BY remainder COLLATE "C", spelled.word COLLATE "C"
    ON CONFLICT DO NOTHING
$$;
