-- A learner in a course: the enrolment names the version that he or she sees until switching.
CREATE TABLE learning.enrolment (
    enrolment_id uuid PRIMARY KEY,
    course_id    uuid NOT NULL REFERENCES learning.course,
    student_id   uuid NOT NULL,
    version      int NOT NULL,
    source       text NOT NULL CONSTRAINT enrolment_source_is_known CHECK (source IN ('free', 'payment')),
    payment_id   uuid,
    enrolled_at  timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT student_is_enrolled_once UNIQUE (course_id, student_id),
    CONSTRAINT paid_enrolment_names_its_payment CHECK (source = 'free' OR payment_id IS NOT NULL),
    FOREIGN KEY (course_id, version) REFERENCES learning.course_version
);
CREATE INDEX enrolment_by_student ON learning.enrolment (student_id, enrolled_at DESC, enrolment_id);

CREATE TABLE learning.lesson_progress (
    enrolment_id     uuid NOT NULL REFERENCES learning.enrolment,
    lesson_id        uuid NOT NULL,
    position_seconds int,                        -- where to resume
    visited_at       timestamptz NOT NULL,
    completed_at     timestamptz,                -- set once, never taken back
    PRIMARY KEY (enrolment_id, lesson_id)
);
