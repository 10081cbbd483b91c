-- The catalogue: one row per published course, written by publishing and removed by archiving in the same transaction, so that search
-- reads one table and never the drafts.
CREATE EXTENSION IF NOT EXISTS unaccent;

-- How many learners a course has. A table of its own, because a changed number in the catalogue's row would rewrite its search indexes
-- at every enrolment. The row is there from the course's first publication and outlives archiving.
CREATE TABLE learning.course_learners (
    course_id uuid PRIMARY KEY REFERENCES learning.course,
    learners  int NOT NULL DEFAULT 0
);
