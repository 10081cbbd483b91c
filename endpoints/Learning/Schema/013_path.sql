-- A learning path: courses in an order, some of which have to come before others.
CREATE TABLE learning.path (
    path_id      uuid PRIMARY KEY,
    author_id    uuid NOT NULL,
    title        text NOT NULL,
    summary      text NOT NULL,
    edit         bigint NOT NULL DEFAULT 1,      -- counts the changes: the ETag
    created_at   timestamptz NOT NULL,
    published_at timestamptz                     -- null while only its author sees it
);
CREATE INDEX path_published ON learning.path (published_at DESC, path_id DESC) WHERE published_at IS NOT NULL;
CREATE INDEX path_by_author ON learning.path (author_id, path_id);

CREATE TABLE learning.path_step (
    path_id   uuid NOT NULL REFERENCES learning.path,
    course_id uuid NOT NULL REFERENCES learning.course,
    place     int NOT NULL,                      -- from 1
    requires  uuid[] NOT NULL DEFAULT '{}',      -- courses of the same path; free of cycles
    PRIMARY KEY (path_id, course_id),
    CONSTRAINT step_has_a_place_of_its_own UNIQUE (path_id, place)
);
CREATE INDEX path_step_by_course ON learning.path_step (course_id);

CREATE TABLE learning.path_follower (
    path_id     uuid NOT NULL REFERENCES learning.path,
    student_id  uuid NOT NULL,
    followed_at timestamptz NOT NULL,
    PRIMARY KEY (path_id, student_id)
);
CREATE INDEX path_follower_by_student ON learning.path_follower (student_id, followed_at DESC, path_id DESC);
