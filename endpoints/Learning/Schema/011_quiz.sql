-- An attempt at a quiz. It names the revision it was started on, so that an edited quiz does not change under it.
CREATE TABLE learning.quiz_attempt (
    attempt_id   uuid PRIMARY KEY,
    enrolment_id uuid NOT NULL REFERENCES learning.enrolment,
    lesson_id    uuid NOT NULL,
    revision     int NOT NULL,
    number       int NOT NULL,                   -- counts the learner's attempts at this quiz, from 1
    seed         bigint NOT NULL,                -- decides the order in which questions and choices are shown
    started_at   timestamptz NOT NULL,
    deadline     timestamptz,
    answers      jsonb NOT NULL DEFAULT '[]',    -- QuestionAnswer[], choices by the ids that the attempt shows
    closed_at    timestamptz,
    timed_out    boolean NOT NULL DEFAULT false, -- closed by its deadline rather than handed in
    points       numeric,
    max_points   numeric NOT NULL,
    passed       boolean,
    grades       jsonb,                          -- QuestionGrade[]
    CONSTRAINT attempts_are_numbered UNIQUE (enrolment_id, lesson_id, number),
    CONSTRAINT closed_attempt_is_graded CHECK ((closed_at IS NULL) = (points IS NULL) AND (closed_at IS NULL) = (passed IS NULL)),
    CONSTRAINT points_are_within_bounds CHECK (points BETWEEN 0 AND max_points),
    FOREIGN KEY (lesson_id, revision) REFERENCES learning.lesson_revision
);
CREATE UNIQUE INDEX one_attempt_is_open ON learning.quiz_attempt (enrolment_id, lesson_id) WHERE closed_at IS NULL;
