-- What the measured handler writes: a business row of ordinary width.
CREATE SCHEMA bench;

CREATE TABLE bench.answer (
    answer_id   uuid PRIMARY KEY,
    learner_id  uuid NOT NULL,
    lesson_id   uuid NOT NULL,
    points      int NOT NULL,
    body        text NOT NULL,
    answered_at timestamptz NOT NULL
);
