-- A course, its versions and its lessons. A version is an outline over lesson revisions: editing a lesson adds a revision,
-- publishing freezes a version, and a learner's enrolment names the version that he or she sees.
CREATE SCHEMA IF NOT EXISTS learning;

CREATE TABLE learning.course (
    course_id         uuid PRIMARY KEY,
    tutor_id          uuid NOT NULL,
    slug              text NOT NULL CONSTRAINT course_slug_is_taken UNIQUE,
    status            text NOT NULL DEFAULT 'draft' CONSTRAINT course_status_is_known CHECK (status IN ('draft', 'published', 'archived')),
    draft_version     int,          -- the version being edited; null when there are no changes since the last publication
    published_version int,          -- the version that new learners get
    edit              bigint NOT NULL DEFAULT 1,  -- counts the edits over all versions, so that no ETag ever comes back
    archived_by       uuid,         -- who archived it: what a moderator took down, its owner cannot bring back
    created_at        timestamptz NOT NULL,
    CONSTRAINT archived_course_names_who_did_it CHECK ((status = 'archived') = (archived_by IS NOT NULL)),
    CONSTRAINT published_course_has_a_version CHECK (status = 'draft' OR published_version IS NOT NULL)
);
CREATE INDEX course_by_tutor ON learning.course (tutor_id, created_at DESC, course_id DESC);

CREATE TABLE learning.course_version (
    course_id    uuid NOT NULL REFERENCES learning.course,
    version      int NOT NULL,
    details      jsonb NOT NULL,                 -- CourseDetails
    outline      jsonb NOT NULL DEFAULT '[]',    -- OutlineSection[]
    edit         bigint NOT NULL DEFAULT 1,      -- the course's edit that changed this version last
    published_at timestamptz,                    -- null while it is the draft
    PRIMARY KEY (course_id, version)
);

-- Lesson content, never updated in place: versions of the course point at revisions.
CREATE TABLE learning.lesson_revision (
    lesson_id  uuid NOT NULL,
    revision   int NOT NULL,
    course_id  uuid NOT NULL REFERENCES learning.course,
    content    jsonb NOT NULL,                   -- LessonContent, with the keys of its questions
    created_at timestamptz NOT NULL,
    PRIMARY KEY (lesson_id, revision)
);
CREATE INDEX lesson_revision_by_course ON learning.lesson_revision (course_id);

-- Who did what to a course, when: the audit trail.
CREATE TABLE learning.course_history (
    course_id   uuid NOT NULL REFERENCES learning.course,
    history_id  bigint GENERATED ALWAYS AS IDENTITY,
    actor_id    uuid NOT NULL,
    what        text NOT NULL,                   -- the command's name
    edit        bigint NOT NULL,                 -- the course's edit afterwards
    message_id  text NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (course_id, history_id)
);

-- What should be completed before a course, by its published version or its draft. Cycles are refused when a row is added, by a search
-- under an advisory lock: two courses that name each other at the same time must not both pass.
CREATE TABLE learning.course_prerequisite (
    course_id       uuid NOT NULL REFERENCES learning.course,
    prerequisite_id uuid NOT NULL REFERENCES learning.course,
    PRIMARY KEY (course_id, prerequisite_id),
    CONSTRAINT course_is_not_its_own_prerequisite CHECK (course_id <> prerequisite_id)
);
