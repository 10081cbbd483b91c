-- The lessons of every published version, one row each: what a completed lesson is looked up in. An outline of a thousand lessons is a
-- large JSON value; reading it for each lesson that somebody completes would cost more than everything else together. Published outlines
-- never change, so the rows are written once, by the publication itself.
CREATE TABLE learning.version_lesson (
    course_id uuid NOT NULL,
    version   int NOT NULL,
    lesson_id uuid NOT NULL,
    place     int NOT NULL,                      -- counts through all sections, from 1
    revision  int NOT NULL,
    kind      text NOT NULL,
    preview   boolean NOT NULL,
    title     text NOT NULL,
    minutes   int,
    PRIMARY KEY (course_id, version, lesson_id),
    CONSTRAINT lesson_has_a_place_of_its_own UNIQUE (course_id, version, place),
    FOREIGN KEY (course_id, version) REFERENCES learning.course_version
);

CREATE FUNCTION learning.list_published_lessons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO learning.version_lesson (course_id, version, lesson_id, place, revision, kind, preview, title, minutes)
    SELECT NEW.course_id,
           NEW.version,
           (lesson ->> 'lessonId')::uuid,
           row_number() OVER (ORDER BY section_place, lesson_place),
           (lesson ->> 'revision')::int,
           lesson ->> 'kind',
           COALESCE((lesson ->> 'freePreview')::boolean, false),
           lesson ->> 'title',
           (lesson ->> 'minutes')::int
    FROM jsonb_array_elements(NEW.outline) WITH ORDINALITY AS s (section, section_place)
    CROSS JOIN LATERAL jsonb_array_elements(section -> 'lessons') WITH ORDINALITY AS l (lesson, lesson_place);
    RETURN NULL;
END
$$;

CREATE TRIGGER published_version_is_listed_when_inserted
    AFTER INSERT ON learning.course_version
    FOR EACH ROW WHEN (NEW.published_at IS NOT NULL)
    EXECUTE FUNCTION learning.list_published_lessons();

CREATE TRIGGER published_version_is_listed
    AFTER UPDATE OF published_at ON learning.course_version
    FOR EACH ROW WHEN (OLD.published_at IS NULL AND NEW.published_at IS NOT NULL)
    EXECUTE FUNCTION learning.list_published_lessons();

-- A learner in a course: the enrolment names the version that he or she sees until switching.
-- It counts its lessons itself, so that completing one is a step on one locked row and needs no counting. A completed lesson that a later
-- version drops still counts on both sides: so progress goes down only when content is added.
CREATE TABLE learning.enrolment (
    enrolment_id      uuid PRIMARY KEY,
    course_id         uuid NOT NULL REFERENCES learning.course,
    student_id        uuid NOT NULL,
    version           int NOT NULL,
    source            text NOT NULL CONSTRAINT enrolment_source_is_known CHECK (source IN ('free', 'payment')),
    payment_id        uuid,
    lessons           int NOT NULL,              -- of the version, and completed ones that it lacks
    lessons_completed int NOT NULL DEFAULT 0,
    enrolled_at       timestamptz NOT NULL,
    completed_at      timestamptz,               -- set once, never taken back
    CONSTRAINT student_is_enrolled_once UNIQUE (course_id, student_id),
    CONSTRAINT paid_enrolment_names_its_payment CHECK (source = 'free' OR payment_id IS NOT NULL),
    CONSTRAINT no_more_lessons_completed_than_there_are CHECK (lessons_completed BETWEEN 0 AND lessons),
    FOREIGN KEY (course_id, version) REFERENCES learning.course_version
);
CREATE INDEX enrolment_by_student ON learning.enrolment (student_id, enrolled_at DESC, enrolment_id DESC);
CREATE INDEX enrolment_by_course ON learning.enrolment (course_id, enrolled_at DESC);

CREATE TABLE learning.lesson_progress (
    enrolment_id     uuid NOT NULL REFERENCES learning.enrolment,
    lesson_id        uuid NOT NULL,
    position_seconds int CONSTRAINT position_is_not_before_the_start CHECK (position_seconds >= 0),
    visited_at       timestamptz NOT NULL,
    completed_at     timestamptz,                -- set once, never taken back
    PRIMARY KEY (enrolment_id, lesson_id)
);

-- Who did what as a learner, a path's author or a moderator, when: the audit trail. Positions within a lesson are not kept here.
CREATE TABLE learning.study_history (
    history_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_id  uuid NOT NULL,                   -- the enrolment, attempt, certificate or path
    actor_id    uuid NOT NULL,
    what        text NOT NULL,                   -- the command's name
    message_id  text NOT NULL,
    occurred_at timestamptz NOT NULL
);
CREATE INDEX study_history_by_subject ON learning.study_history (subject_id, history_id);
